//! Measures tokio-postgres: so many tasks select by key on 20 connections, each lent to one task at a time. Prints
//! "name value" lines: selects a second, and microseconds of this process's processor time for each.
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, Semaphore};
use tokio_postgres::{Client, NoTls, Statement};

const TEXT: &str = "SELECT abalance FROM pgbench_accounts WHERE aid = $1";
const SIZE: usize = 20;

/// User and system time of this process in microseconds, from /proc/self/stat in ticks of 10 ms.
fn processor_time() -> f64 {
    let line = std::fs::read_to_string("/proc/self/stat").expect("/proc/self/stat");
    let rest = &line[line.rfind(')').expect("a name") + 2..];
    let fields: Vec<&str> = rest.split(' ').collect();
    (fields[11].parse::<f64>().expect("utime") + fields[12].parse::<f64>().expect("stime")) * 10_000.0
}

struct Pool {
    permits: Semaphore,
    idle: Mutex<Vec<(Client, Statement)>>,
}

async fn run(pool: Arc<Pool>, tasks: usize, time: f64) -> (u64, f64, f64) {
    let used = processor_time();
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(time);
    let mut handles = Vec::new();
    for task in 0..tasks {
        let pool = pool.clone();
        handles.push(tokio::spawn(async move {
            let mut state = task as u64 * 2_654_435_761 + 88_172_645_463_325_252;
            let mut count = 0u64;
            while Instant::now() < end {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let account = (state % 100_000) as i32 + 1;
                let _permit = pool.permits.acquire().await.expect("open");
                let (client, statement) = pool.idle.lock().await.pop().expect("one for each permit");
                let row = client.query_one(&statement, &[&account]).await.expect("a row");
                let _balance: i32 = row.get(0);
                pool.idle.lock().await.push((client, statement));
                count += 1;
            }
            count
        }));
    }
    let mut count = 0;
    for handle in handles {
        count += handle.await.expect("a task");
    }
    (count, start.elapsed().as_secs_f64(), processor_time() - used)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let (dsn, seconds) = (&arguments[1], arguments[2].parse::<f64>().expect("seconds"));
    let tasks = arguments[3].parse::<usize>().expect("tasks");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut idle = Vec::new();
        for _ in 0..SIZE {
            let (client, connection) = tokio_postgres::connect(dsn, NoTls).await.expect("a connection");
            tokio::spawn(connection);
            let statement = client.prepare(TEXT).await.expect("a statement");
            idle.push((client, statement));
        }
        let pool = Arc::new(Pool { permits: Semaphore::new(SIZE), idle: Mutex::new(idle) });
        run(pool.clone(), tasks, 0.3).await;
        let (count, elapsed, used) = run(pool, tasks, seconds).await;
        println!("tokio-postgres-rate {}\ntokio-postgres-cpu {}", count as f64 / elapsed, used / count as f64);
    });
}
