//! Configuration: what does the function's environment say?
//!
//! In: a way to look up variables. Out: a [`Config`], or the variable that is wrong. `docs/lambda.md` lists them.

use std::time::Duration;

/// Which function the program is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Audits every bound principal of an account.
    Sweep,
    /// Audits whom trail events touched.
    OnChange,
    /// Reads the accounts of the organisation.
    Roster,
    /// Tells people what the audits of the organisation found.
    Gather,
}

/// What makes the function a part of a hub, which audits the accounts of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hub {
    /// Name of the hub's bucket.
    pub bucket: String,
    /// Name of the audit role in other accounts, with its path if it has one.
    pub member_role: String,
    /// The external id that this role asks for.
    pub external_id: Option<String>,
    /// ARN of the state machine that audits the organisation.
    pub state_machine: Option<String>,
}

/// All that the environment says.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Which function this is.
    pub function: Function,
    /// The hub that it is part of.
    pub hub: Option<Hub>,
    /// The table with the baseline; empty where the function needs none.
    pub table: String,
    /// ARN of the topic for people.
    pub topic: Option<String>,
    /// ARN of the topic for chats.
    pub chat: Option<String>,
    /// Name or ARN of the bus for machines.
    pub bus: Option<String>,
    /// Whether findings go on the bus in OCSF's form too.
    pub ocsf: bool,
    /// Whether findings go to Security Hub.
    pub security_hub: bool,
    /// URL of the function's own queue.
    pub remainder: Option<String>,
    /// URL of the queue for trail events; with it the program audits whom they touched.
    pub events: Option<String>,
    /// URL of that queue's dead letters.
    pub dead_events: Option<String>,
    /// Whether trail events are to arrive, so that audits on change are made.
    pub changes: bool,
    /// For how long an event that goes back to the queue is not received; whole seconds.
    pub send_back: Duration,
    /// Name of the SSM parameter with the settings.
    pub settings: Option<String>,
    /// What the metrics are told apart by.
    pub stack: String,
    /// With this much time left no new principal is taken.
    pub reserve: Duration,
    /// Simulate calls that the process begins in a second, at most.
    pub calls_per_second: f64,
    /// Simulate calls in flight.
    pub concurrency: usize,
    /// How often an audit is handed on.
    pub max_hops: u32,
    /// Attempts of each AWS call.
    pub attempts: u32,
    /// How long one attempt may take.
    pub timeout: Duration,
}

/// The audit role in other accounts where nothing else is said.
const MEMBER_ROLE: &str = "permdrift-audit";

/// What is wrong with the environment.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ConfigError {
    /// A variable that has no default.
    #[error("the environment variable `{0}` is missing")]
    Missing(&'static str),
    /// A value that means nothing.
    #[error("the environment variable `{name}` is `{found}`, expected {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// Its value.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// No channel is set.
    #[error(
        "neither `PERMDRIFT_TOPIC` nor `PERMDRIFT_BUS` is set, so nobody would be told what an audit finds"
    )]
    NobodyToTell,
}

impl Config {
    /// A variable that is empty is one that is not there.
    ///
    /// # Errors
    /// [`ConfigError`], which names the variable.
    pub fn read(look_up: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let text = |name| look_up(name).filter(|value| !value.trim().is_empty());
        let seconds = |name, default: f64, range: (f64, f64)| {
            number(text(name), name, default, range, "a number of seconds")
                .map(Duration::from_secs_f64)
        };
        let hub = text("PERMDRIFT_HUB_BUCKET").map(|bucket| Hub {
            bucket,
            member_role: text("PERMDRIFT_MEMBER_ROLE").unwrap_or_else(|| MEMBER_ROLE.to_owned()),
            external_id: text("PERMDRIFT_EXTERNAL_ID"),
            state_machine: text("PERMDRIFT_STATE_MACHINE"),
        });
        let by_events = match text("PERMDRIFT_EVENTS") {
            Some(_) => Function::OnChange,
            None => Function::Sweep,
        };
        let function = function(text("PERMDRIFT_FUNCTION"))?.unwrap_or(by_events);
        let audits = match function {
            Function::Sweep | Function::OnChange | Function::Gather => true,
            Function::Roster => false,
        };
        let is_of_hub = match function {
            Function::Roster | Function::Gather => true,
            Function::Sweep | Function::OnChange => false,
        };
        let table = text("PERMDRIFT_TABLE");
        if audits && table.is_none() {
            return Err(ConfigError::Missing("PERMDRIFT_TABLE"));
        }
        let config = Self {
            function,
            hub,
            table: table.unwrap_or_default(),
            topic: text("PERMDRIFT_TOPIC"),
            chat: text("PERMDRIFT_CHAT_TOPIC"),
            bus: text("PERMDRIFT_BUS"),
            ocsf: switch(text("PERMDRIFT_OCSF"), "PERMDRIFT_OCSF")?,
            security_hub: switch(text("PERMDRIFT_SECURITY_HUB"), "PERMDRIFT_SECURITY_HUB")?,
            remainder: text("PERMDRIFT_REMAINDER"),
            events: text("PERMDRIFT_EVENTS"),
            dead_events: text("PERMDRIFT_DEAD_EVENTS"),
            changes: switch(text("PERMDRIFT_CHANGES"), "PERMDRIFT_CHANGES")?,
            send_back: seconds("PERMDRIFT_SEND_BACK_SECONDS", 30.0, (0.0, 900.0))?,
            settings: text("PERMDRIFT_SETTINGS"),
            stack: text("PERMDRIFT_STACK").unwrap_or_else(|| "permdrift".to_owned()),
            reserve: seconds("PERMDRIFT_RESERVE_SECONDS", 30.0, (0.0, 600.0))?,
            calls_per_second: number(
                text("PERMDRIFT_CALLS_PER_SECOND"),
                "PERMDRIFT_CALLS_PER_SECOND",
                10.0,
                (0.01, 100_000.0),
                "a number above zero",
            )?,
            concurrency: whole(
                text("PERMDRIFT_CONCURRENCY"),
                "PERMDRIFT_CONCURRENCY",
                4,
                256,
            )?,
            max_hops: whole(text("PERMDRIFT_MAX_HOPS"), "PERMDRIFT_MAX_HOPS", 40, 1000)?,
            attempts: whole(text("AWS_MAX_ATTEMPTS"), "AWS_MAX_ATTEMPTS", 10, 100)?,
            timeout: seconds("PERMDRIFT_TIMEOUT_SECONDS", 20.0, (0.05, 300.0))?,
        };
        if is_of_hub && config.hub.is_none() {
            return Err(ConfigError::Missing("PERMDRIFT_HUB_BUCKET"));
        }
        if audits && config.topic.is_none() && config.bus.is_none() {
            return Err(ConfigError::NobodyToTell);
        }
        Ok(config)
    }
}

/// The function that the environment names, if it names one.
fn function(text: Option<String>) -> Result<Option<Function>, ConfigError> {
    match text.as_deref().map(str::trim) {
        None => Ok(None),
        Some("roster") => Ok(Some(Function::Roster)),
        Some("gather") => Ok(Some(Function::Gather)),
        Some(found) => Err(ConfigError::Invalid {
            name: "PERMDRIFT_FUNCTION",
            found: found.to_owned(),
            expected: "roster, gather, or nothing",
        }),
    }
}

/// As the template's parameters say it.
fn switch(text: Option<String>, name: &'static str) -> Result<bool, ConfigError> {
    match text.as_deref().map(str::trim) {
        None | Some("DISABLED") => Ok(false),
        Some("ENABLED") => Ok(true),
        Some(found) => Err(ConfigError::Invalid {
            name,
            found: found.to_owned(),
            expected: "ENABLED or DISABLED",
        }),
    }
}

fn number(
    text: Option<String>,
    name: &'static str,
    default: f64,
    (least, most): (f64, f64),
    expected: &'static str,
) -> Result<f64, ConfigError> {
    let Some(found) = text else {
        return Ok(default);
    };
    match found.trim().parse::<f64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(ConfigError::Invalid {
            name,
            found,
            expected,
        }),
    }
}

fn whole<T>(text: Option<String>, name: &'static str, default: T, most: T) -> Result<T, ConfigError>
where
    T: std::str::FromStr + PartialOrd + From<u8>,
{
    let Some(found) = text else {
        return Ok(default);
    };
    match found.trim().parse::<T>() {
        Ok(number) if number >= T::from(1) && number <= most => Ok(number),
        _ => Err(ConfigError::Invalid {
            name,
            found,
            expected: "a whole number above zero",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let found = |name: &str| {
            let found = set.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::read(found)
    }

    const LEAST: [(&str, &str); 2] = [
        ("PERMDRIFT_TABLE", "baseline"),
        ("PERMDRIFT_BUS", "findings"),
    ];

    #[test]
    fn a_table_and_one_channel_are_enough() {
        let config = read(&LEAST).unwrap();
        assert_eq!(config.bus.as_deref(), Some("findings"));
        assert_eq!(
            (config.topic, config.settings, config.remainder),
            (None, None, None)
        );
        assert_eq!(
            (config.concurrency, config.attempts, config.max_hops),
            (4, 10, 40)
        );
        assert_eq!(config.reserve, Duration::from_secs(30));
    }

    #[test]
    fn a_bucket_makes_it_a_hub() {
        let config = read(&LEAST).unwrap();
        assert_eq!((config.function, config.hub), (Function::Sweep, None));
        let bucket = ("PERMDRIFT_HUB_BUCKET", "hub");
        let config = read(&[LEAST[0], LEAST[1], bucket]).unwrap();
        let hub = Hub {
            bucket: "hub".to_owned(),
            member_role: "permdrift-audit".to_owned(),
            external_id: None,
            state_machine: None,
        };
        assert_eq!(config.hub, Some(hub));
        let events = ("PERMDRIFT_EVENTS", "https://queue");
        let config = read(&[LEAST[0], LEAST[1], bucket, events]).unwrap();
        assert_eq!(config.function, Function::OnChange);
        let roster = ("PERMDRIFT_FUNCTION", "roster");
        let config = read(&[bucket, roster]).unwrap();
        let tells = "it keeps no baseline and tells nobody";
        assert_eq!(config.function, Function::Roster, "{tells}");
        assert_eq!(
            read(&[LEAST[0], LEAST[1], roster]),
            Err(ConfigError::Missing("PERMDRIFT_HUB_BUCKET"))
        );
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        assert_eq!(
            read(&LEAST[1..]),
            Err(ConfigError::Missing("PERMDRIFT_TABLE"))
        );
        assert_eq!(read(&LEAST[..1]), Err(ConfigError::NobodyToTell));
        let empty = ("PERMDRIFT_TOPIC", "  ");
        assert_eq!(read(&[LEAST[0], empty]), Err(ConfigError::NobodyToTell));
        for (name, found) in [
            ("PERMDRIFT_CONCURRENCY", "0"),
            ("PERMDRIFT_CONCURRENCY", "many"),
            ("PERMDRIFT_CALLS_PER_SECOND", "-1"),
            ("PERMDRIFT_CALLS_PER_SECOND", "NaN"),
            ("PERMDRIFT_RESERVE_SECONDS", "30s"),
            ("AWS_MAX_ATTEMPTS", "0"),
            ("PERMDRIFT_OCSF", "yes"),
            ("PERMDRIFT_SECURITY_HUB", "enabled"),
            ("PERMDRIFT_FUNCTION", "Roster"),
        ] {
            let error = read(&[LEAST[0], LEAST[1], (name, found)]).unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("the environment variable `{name}` is `{found}`"))
            );
        }
    }
}
