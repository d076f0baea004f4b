//! Runs one of the tests' Python tools, installed first if need be: `cargo run -p e2e --bin tool -- sam validate --lint`.

use std::process::ExitCode;

use e2e::tools::Tools;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let tools = match name.as_str() {
        "sam" | "cfn-lint" | "cargo-lambda" => Tools::Sam,
        "checkov" => Tools::Checkov,
        "ministack" => Tools::Server,
        _ => {
            eprintln!("tool sam|cfn-lint|cargo-lambda|checkov|ministack ARGUMENTS");
            return ExitCode::from(64);
        }
    };
    match tools.command(&name).args(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{name} does not start: {error}");
            ExitCode::FAILURE
        }
    }
}
