//! `generator`: prints an account, or a file of the example, on standard output; writes an organisation into a folder.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use generator::{Example, Organization, Shape, account, example};

const USAGE: &str = "usage: generator example [FILE]
       generator seed-sets|default-role|mixed|all-drifted PRINCIPALS [SEED]
       generator organization FOLDER ACCOUNTS PRINCIPALS [SEED]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, folder, accounts, principals, seed @ ..] = &*arguments
        && first == "organization"
    {
        return organization(folder, [accounts, principals], seed.first());
    }
    let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
    let principals = number(1).and_then(|number| usize::try_from(number).ok());
    let first = arguments.first().map(String::as_str);
    let sized = |shape: fn(usize) -> Shape| {
        let seed = number(2).unwrap_or(1);
        principals.map(|principals| account(&shape(principals), seed).to_json())
    };
    let made = match first {
        Some("example") => {
            let file = arguments.get(1).map_or(Example::FILES[0], String::as_str);
            example().file(file)
        }
        Some("seed-sets") => sized(Shape::seed_sets),
        Some("default-role") => sized(Shape::default_role),
        Some("mixed") => sized(Shape::mixed),
        Some("all-drifted") => sized(Shape::all_drifted),
        _ => None,
    };
    let Some(made) = made else {
        eprintln!("{USAGE}\nFILE is one of {}", Example::FILES.join(", "));
        return ExitCode::from(64);
    };
    match std::io::stdout().write_all(&made) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generator: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes `organization.json`, and `snapshots/ID.json` for each account that has one.
fn organization(folder: &str, sizes: [&String; 2], seed: Option<&String>) -> ExitCode {
    let [Ok(accounts), Ok(principals)] = sizes.map(|size| size.parse::<usize>()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(64);
    };
    let made = Organization {
        accounts,
        principals,
        seed: seed.and_then(|seed| seed.parse().ok()).unwrap_or(1),
    };
    let folder = Path::new(folder);
    let write = || {
        let snapshots = folder.join("snapshots");
        fs::create_dir_all(&snapshots)?;
        fs::write(folder.join("organization.json"), made.file().to_string())?;
        for at in 0..accounts {
            if let Some(snapshot) = made.snapshot(at) {
                fs::write(
                    snapshots.join(format!("{}.json", Organization::id(at))),
                    snapshot,
                )?;
            }
        }
        Ok::<(), std::io::Error>(())
    };
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generator: {error}");
            ExitCode::FAILURE
        }
    }
}
