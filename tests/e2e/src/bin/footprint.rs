//! How long does the function take to start, and how much memory does it use, beside a Lambda that does nothing?
//!
//!     footprint SWEEP BARE
//!
//! Both binaries are started in turn, 21 times each, under the same Runtime API. Time is from the start of the process to its
//! first request for work, memory the peak until then; the medians are printed. Nothing fails: it is a measurement.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use e2e::lambda::Lambda;

const RUNS: usize = 21;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [sweep, bare] = arguments.as_slice() else {
        eprintln!("footprint SWEEP BARE");
        return ExitCode::from(64);
    };
    let binaries = [Path::new(sweep), Path::new(bare)];
    let mut measured: [Vec<(Duration, u64)>; 2] = Default::default();
    for _ in 0..RUNS {
        for (binary, measured) in binaries.iter().zip(&mut measured) {
            measured.push(start(binary));
        }
    }
    let [(sweep_time, sweep_memory), (bare_time, bare_memory)] = measured.map(medians);
    println!("| | start ms | memory MiB |");
    println!("|---|---|---|");
    for (name, time, memory) in [
        ("sweep", sweep_time, sweep_memory),
        ("bare", bare_time, bare_memory),
    ] {
        println!(
            "| {name} | {:.1} | {:.1} |",
            time.as_secs_f64() * 1e3,
            memory as f64 / 1_048_576.0
        );
    }
    let time = sweep_time.as_secs_f64() / bare_time.as_secs_f64();
    let memory = sweep_memory as f64 / bare_memory as f64;
    println!("| ratio | {time:.2} | {memory:.2} |");
    ExitCode::SUCCESS
}

fn start(binary: &Path) -> (Duration, u64) {
    let function = Lambda::start(
        binary,
        &[
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("PERMDRIFT_TABLE", "table"),
            ("PERMDRIFT_BUS", "bus"),
        ],
    );
    let time = function.until_ready(Duration::from_secs(20));
    (time, function.peak_memory())
}

fn medians(mut runs: Vec<(Duration, u64)>) -> (Duration, u64) {
    let mut middle = |key: fn(&(Duration, u64)) -> u64| {
        runs.sort_by_key(key);
        runs[runs.len() / 2]
    };
    let (_, memory) = middle(|run| run.1);
    let (time, _) = middle(|run| u64::try_from(run.0.as_nanos()).unwrap_or(u64::MAX));
    (time, memory)
}
