//! `generator`: prints an account on standard output.

use std::io::Write as _;
use std::process::ExitCode;

use generator::{Shape, account};

const USAGE: &str = "usage: generator seed-sets|default-role|mixed PRINCIPALS [SEED]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let principals = number(1).and_then(|number| usize::try_from(number).ok());
    let shape = match (arguments.first().map(String::as_str), principals) {
        (Some("seed-sets"), Some(principals)) => Shape::seed_sets(principals),
        (Some("default-role"), Some(principals)) => Shape::default_role(principals),
        (Some("mixed"), Some(principals)) => Shape::mixed(principals),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(64);
        }
    };
    let json = account(&shape, number(2).unwrap_or(1)).to_json();
    match std::io::stdout().write_all(&json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generator: {error}");
            ExitCode::FAILURE
        }
    }
}
