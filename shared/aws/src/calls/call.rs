//! One call: what is asked of AWS, on what, by whom, and why.

/// A call and what it is made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// The IAM action that allows it.
    pub action: &'static str,
    /// What it is made on.
    pub on: On,
    /// Who makes it.
    pub by: By,
    /// Why it is made, in a few words.
    pub why: &'static str,
}

/// What a call is made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum On {
    /// IAM takes no resource for it, or it is about the whole account.
    All,
    /// Users and roles of the audited account.
    Principals,
    /// Users of the audited account.
    Users,
    /// The baseline table.
    Table,
    /// The topic for people.
    Topic,
    /// The topic for chats.
    ChatTopic,
    /// Our product in Security Hub: the account's own default.
    Product,
    /// The bus for machines.
    Bus,
    /// The sweep Lambda's own queue.
    Remainder,
    /// The queue for trail events.
    TrailEvents,
    /// The dead letters of the queue for trail events.
    DeadTrailEvents,
    /// The settings' SSM parameter.
    Parameter,
    /// The key that table, topic and queue are encrypted with; the services use it in the caller's name.
    Key,
    /// KMS keys of the audited account.
    Keys,
    /// Buckets of the audited account.
    Buckets,
    /// Vaults of AWS Backup of the audited account.
    Vaults,
    /// The organisation: only its management account and those that it delegates to are answered, whatever their policies say.
    Organization,
    /// The function's log streams.
    Log,
    /// Roles in other accounts, for whoever audits from outside.
    OtherRoles,
    /// The bucket of a hub.
    HubBucket,
    /// The roster and the saved organisation in it: `roster.json` and `organization.json`.
    HubRoster,
    /// What AWS said of an organisation so far that takes longer to read: `runs/<run>/organization.json`.
    HubAnswers,
    /// The accounts that a run audits: `runs/<run>/accounts.json`.
    HubItems,
    /// What audits found: `accounts/<account>.json`.
    HubAccounts,
    /// What audits of several runs found so far: `runs/<run>/parts/<account>.json`.
    HubParts,
    /// The reports: `reports/<run>.<suffix>` and `report.<suffix>`.
    HubReports,
    /// The state machine of a hub.
    StateMachine,
}

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    /// Every audit, the command line's too.
    Audit,
    /// `permdrift doctor` besides those of an audit; no audit.
    Doctor,
    /// `permdrift snapshot --organization`, besides those of an audit about the organisation; no audit.
    WholeOrganization,
    /// Both Lambdas of a stack.
    Functions,
    /// The sweep Lambda.
    Sweep,
    /// The Lambda that audits on change.
    Change,
    /// Lambda and the encrypted services, with the role of a Lambda of the stack.
    Platform,
    /// The Lambdas of a hub, or the command line, where they audit another account.
    Hub,
    /// Each Lambda of a hub.
    HubFunctions,
    /// The Lambdas of a hub that read what audits found: its sweep, and the one that gathers.
    HubReaders,
    /// The Lambda of a hub that reads the roster.
    Roster,
    /// The sweep of a hub.
    HubSweep,
    /// The Lambda of a hub that audits on change.
    HubChange,
    /// The Lambda of a hub that gathers what audits found.
    Gather,
}

impl On {
    /// What an audit's calls are allowed on, as ARNs.
    pub(super) fn of_account(self, partition: &str, account: &str) -> Vec<String> {
        let arn = |rest: &str| format!("arn:{partition}:{rest}");
        let own = |service: &str, path: &str| arn(&format!("{service}:{account}:{path}"));
        match self {
            Self::Principals => vec![own("iam:", "user/*"), own("iam:", "role/*")],
            Self::Users => vec![own("iam:", "user/*")],
            Self::Keys => vec![own("kms:*", "key/*")],
            Self::Buckets => vec![arn("s3:::*")],
            Self::Vaults => vec![own("backup:*", "backup-vault:*")],
            Self::All
            | Self::Organization
            | Self::Table
            | Self::Topic
            | Self::ChatTopic
            | Self::Product
            | Self::Bus
            | Self::Remainder
            | Self::TrailEvents
            | Self::DeadTrailEvents
            | Self::Parameter
            | Self::Key
            | Self::Log
            | Self::OtherRoles
            | Self::HubBucket
            | Self::HubRoster
            | Self::HubAnswers
            | Self::HubItems
            | Self::HubAccounts
            | Self::HubParts
            | Self::HubReports
            | Self::StateMachine => vec!["*".to_owned()],
        }
    }
}
