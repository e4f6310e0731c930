//! Measures rust-prometheus: prints "name value" lines, nanoseconds an operation or MB/s.
use prometheus::{exponential_buckets, Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts, Registry, TextEncoder};
use std::thread;
use std::time::Instant;

const COUNT: u32 = 2_000_000;

/// Runs the body COUNT times on each of some threads; nanoseconds a repetition of one of them.
fn each(threads: usize, body: impl Fn() + Sync) -> f64 {
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| (0..COUNT).for_each(|_| body()));
        }
    });
    start.elapsed().as_nanos() as f64 / COUNT as f64
}

fn main() {
    let counter = IntCounter::new("alone_total", "A.").unwrap();
    let buckets = exponential_buckets(0.005, 2.0, 12).unwrap();
    let histogram = Histogram::with_opts(HistogramOpts::new("alone_seconds", "B.").buckets(buckets)).unwrap();
    let family = IntCounterVec::new(Opts::new("requests_total", "C."), &["method", "endpoint", "status"]).unwrap();
    for threads in 1..=2 {
        println!("counter-{threads} {}", each(threads, || counter.inc()));
        println!("histogram-{threads} {}", each(threads, || histogram.observe(0.3)));
        println!("labels-{threads} {}", each(threads, || family.with_label_values(&["GET", "/api/v1/jobs/{id}", "200"]).inc()));
    }
    let registry = Registry::new();
    let wide = IntCounterVec::new(Opts::new("requests_total", "C."), &["method", "endpoint", "status"]).unwrap();
    registry.register(Box::new(wide.clone())).unwrap();
    for index in 0..10_000u64 {
        wide.with_label_values(&["GET", &format!("/api/v1/resource/{index}"), "200"]).inc_by(index * 7919);
    }
    let mut best: f64 = 0.0;
    for _ in 0..5 {
        let mut out = Vec::new();
        let start = Instant::now();
        TextEncoder::new().encode(&registry.gather(), &mut out).unwrap();
        best = best.max(out.len() as f64 / start.elapsed().as_nanos() as f64 * 1000.0);
    }
    println!("exposition {best}");
}
