// Measures pgx and lib/pq: so many goroutines select by key on a pool of 20. Prints "name value" lines: selects a second, and
// microseconds of this process's processor time for each.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v4/pgxpool"
	_ "github.com/lib/pq"
)

const text = "SELECT abalance FROM pgbench_accounts WHERE aid = $1"
const size = 20

func processorTime() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Sec+usage.Stime.Sec)*1e6 + float64(usage.Utime.Usec+usage.Stime.Usec)
}

// measure runs the body until the time is over, on so many goroutines.
func measure(name string, tasks int, seconds float64, body func(account int)) {
	var count int64
	var group sync.WaitGroup
	used, start := processorTime(), time.Now()
	end := start.Add(time.Duration(seconds * 1e9))
	for i := 0; i < tasks; i++ {
		group.Add(1)
		go func(seed int64) {
			defer group.Done()
			accounts := rand.New(rand.NewSource(seed))
			own := int64(0)
			for time.Now().Before(end) {
				body(accounts.Intn(100000) + 1)
				own++
			}
			atomic.AddInt64(&count, own)
		}(int64(i))
	}
	group.Wait()
	elapsed := time.Since(start).Seconds()
	fmt.Printf("%s-rate %f\n%s-cpu %f\n", name, float64(count)/elapsed, name, (processorTime()-used)/float64(count))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	dsn := os.Args[1]
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	must(err)
	tasks, err := strconv.Atoi(os.Args[3])
	must(err)
	ctx := context.Background()

	config, err := pgxpool.ParseConfig(dsn)
	must(err)
	config.MaxConns = size
	config.MinConns = size
	pool, err := pgxpool.ConnectConfig(ctx, config)
	must(err)
	for pool.Stat().TotalConns() < size {
		time.Sleep(10 * time.Millisecond)
	}
	pgx := func(account int) {
		var balance int
		must(pool.QueryRow(ctx, text, account).Scan(&balance))
	}
	measure("warm-up", tasks, 0.3, pgx)
	measure("pgx", tasks, seconds, pgx)
	pool.Close()

	db, err := sql.Open("postgres", dsn+"?sslmode=disable")
	must(err)
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	statement, err := db.Prepare(text)
	must(err)
	pq := func(account int) {
		var balance int
		must(statement.QueryRow(account).Scan(&balance))
	}
	measure("warm-up", tasks, 0.3, pq)
	measure("pq", tasks, seconds, pq)
	must(db.Close())
}
