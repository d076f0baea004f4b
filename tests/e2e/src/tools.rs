//! The Python tools of the tests: which are they, and where do they lie?
//!
//! Each is a virtual environment of its own, made from a list of pinned packages in `tests/e2e/tools/` the first time that
//! a test needs it, under a file lock, so that tests that run at the same time install once. They lie in the project's folder
//! of the user's cache (`~/.cache/permdrift/tools`), so that every checkout shares them, or in the folder that
//! `PERMDRIFT_TOOLS` names. A changed list makes a new environment.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A set of tools that are installed together.
#[derive(Clone, Copy, Debug)]
pub enum Tools {
    /// ministack, SAM's translator, boto3.
    Server,
    /// moto, as AWS Organizations.
    Organizations,
    /// SAM, cfn-lint, cargo-lambda with zig.
    Sam,
    /// checkov.
    Checkov,
    /// libfaketime, which tells a process another time.
    Clock,
    /// Consumers of the exports, and a driver for the browser.
    Formats,
}

impl Tools {
    fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Organizations => "organizations",
            Self::Sam => "sam",
            Self::Checkov => "checkov",
            Self::Clock => "clock",
            Self::Formats => "formats",
        }
    }

    fn list(self) -> &'static str {
        match self {
            Self::Server => include_str!("../tools/server.txt"),
            Self::Organizations => include_str!("../tools/organizations.txt"),
            Self::Sam => include_str!("../tools/sam.txt"),
            Self::Checkov => include_str!("../tools/checkov.txt"),
            Self::Clock => include_str!("../tools/clock.txt"),
            Self::Formats => include_str!("../tools/formats.txt"),
        }
    }

    /// The folder of the programs, installed if need be.
    ///
    /// # Panics
    /// If python3 or the package index cannot be reached; the message says what to do.
    #[must_use]
    pub fn programs(self) -> PathBuf {
        let folder = folder();
        fs::create_dir_all(&folder).expect("the folder of the tools can be made");
        let mut hasher = DefaultHasher::new();
        self.list().hash(&mut hasher);
        let environment = folder.join(format!("{}-{:016x}", self.name(), hasher.finish()));
        let done = environment.join("installed");
        if !done.exists() {
            let lock = File::create(folder.join(format!("{}.lock", self.name())))
                .expect("the lock of the tools can be made");
            lock.lock().expect("the lock of the tools can be held");
            if !done.exists() {
                self.install(&environment);
                fs::write(&done, "").expect("the mark of a finished install can be made");
            }
        }
        environment.join("bin")
    }

    /// A command for one of the programs, with the others first in the search path.
    #[must_use]
    pub fn command(self, program: &str) -> Command {
        let programs = self.programs();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new(programs.join(program));
        command
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("SAM_CLI_TELEMETRY", "0")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    /// The path of a file that belongs to the tools.
    ///
    /// # Panics
    /// If none has that name.
    #[must_use]
    pub fn file(self, name: &str) -> String {
        let programs = self.programs();
        let mut folders = vec![
            programs
                .parent()
                .expect("programs lie in an environment")
                .to_owned(),
        ];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() && !path.is_symlink() {
                    folders.push(path);
                } else if entry.file_name() == name {
                    return path.display().to_string();
                }
            }
        }
        panic!("there is no {name} among the tools of {self:?}");
    }

    fn install(self, environment: &Path) {
        // What an interrupted install left behind.
        let _ = fs::remove_dir_all(environment);
        run(Command::new("python3")
            .args(["-m", "venv"])
            .arg(environment));
        let list = environment.join("packages.txt");
        fs::write(&list, self.list()).expect("the list of packages can be written");
        run(Command::new(environment.join("bin/pip"))
            .args([
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "-r",
            ])
            .arg(&list));
    }
}

/// The root of the checkout.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("this package lies two folders below the root")
        .to_owned()
}

pub(crate) fn folder() -> PathBuf {
    let named = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    named("PERMDRIFT_TOOLS")
        .or_else(|| named("XDG_CACHE_HOME").map(|cache| cache.join("permdrift/tools")))
        .or_else(|| named("HOME").map(|home| home.join(".cache/permdrift/tools")))
        .unwrap_or_else(|| root().join(".tools"))
}

#[track_caller]
pub(crate) fn run(command: &mut Command) {
    let told = command.output();
    let why = match &told {
        Ok(output) if output.status.success() => return,
        Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    panic!(
        "the tests install their tools with python3, pip and npm, once, into {}, and this failed:\n  {command:?}\n{why}\n\
         They need python3 (3.11 or later, with venv) with PyPI and npm, or a folder named by PERMDRIFT_TOOLS where it worked before.",
        folder().display()
    );
}
