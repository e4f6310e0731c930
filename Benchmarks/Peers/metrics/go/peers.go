// Measures client_golang: prints "name value" lines, nanoseconds an operation or MB/s.
package main

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
)

const count = 2000000

// each runs body count times on each of threads goroutines and returns nanoseconds a repetition of one of them.
func each(threads int, body func()) float64 {
	var group sync.WaitGroup
	start := time.Now()
	for i := 0; i < threads; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for j := 0; j < count; j++ {
				body()
			}
		}()
	}
	group.Wait()
	return float64(time.Since(start).Nanoseconds()) / count
}

type sink struct{ bytes int }

func (s *sink) Write(p []byte) (int, error) { s.bytes += len(p); return len(p), nil }

func main() {
	runtime.GOMAXPROCS(2)
	counter := prometheus.NewCounter(prometheus.CounterOpts{Name: "alone_total"})
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "alone_seconds", Buckets: prometheus.ExponentialBuckets(0.005, 2, 12)})
	family := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total"}, []string{"method", "endpoint", "status"})
	for threads := 1; threads <= 2; threads++ {
		fmt.Printf("counter-%d %f\n", threads, each(threads, counter.Inc))
		fmt.Printf("histogram-%d %f\n", threads, each(threads, func() { histogram.Observe(0.3) }))
		fmt.Printf("labels-%d %f\n", threads, each(threads, func() {
			family.WithLabelValues("GET", "/api/v1/jobs/{id}", "200").Inc()
		}))
	}
	registry := prometheus.NewRegistry()
	wide := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "requests_total"}, []string{"method", "endpoint", "status"})
	registry.MustRegister(wide)
	for i := 0; i < 10000; i++ {
		wide.WithLabelValues("GET", fmt.Sprintf("/api/v1/resource/%d", i), "200").Add(float64(i * 7919))
	}
	best := 0.0
	for round := 0; round < 5; round++ {
		out := &sink{}
		start := time.Now()
		families, err := registry.Gather()
		if err != nil {
			panic(err)
		}
		for _, f := range families {
			if _, err := expfmt.MetricFamilyToText(out, f); err != nil {
				panic(err)
			}
		}
		if rate := float64(out.bytes) / float64(time.Since(start).Nanoseconds()) * 1000; rate > best {
			best = rate
		}
	}
	fmt.Printf("exposition %f\n", best)
}
