//! What is asked of an audit: of which account, about whom, about which sets, as if which version were installed?
//!
//! The settings say what holds for an account; what one caller wants besides stands here, so that nobody changes settings to
//! get another audit.

use std::collections::BTreeSet;

use catalog::{ActionSet, Catalog, ProductVersion};
use iam::{AccountId, PrincipalArn};
use jiff::Timestamp;

use crate::events::{Arrivals, BindingRules, CallsAbove, TrailEvents};
use crate::judge::assessment::DangerKind;
use crate::judge::rules_version::RulesVersion;
use crate::settings::accounts::SettingsOf;
use crate::settings::required::RequiredLayer;
use crate::settings::{Binding, Canary, Settings};

/// What a caller wants of an audit.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The account; `None`: whichever the listing is of.
    pub account: Option<AccountId>,
    /// The action sets, the user's own included.
    pub catalog: &'a Catalog,
    /// The settings, checked against the catalog.
    pub settings: &'a Settings,
    /// Whose settings they are.
    pub settings_of: SettingsOf<'a>,
    /// When the audit begins.
    pub now: Timestamp,
    /// Whom to look at.
    pub principals: Principals,
    /// Of these only whom one of these events touched; `None`: all.
    pub touched_by: Option<&'a TrailEvents>,
    /// Where calls come from that explain what opens or gets worse.
    pub explain: Explain,
    /// Which trail events arrived so far: an audit of the whole account looks whether some never came. `None`: it does not.
    pub arrivals: Option<&'a Arrivals>,
    /// In a hub: the calls that changed what stands above the account, as far as they arrived. What explains a finding is kept with it there,
    /// because people are told later, of all accounts together. `None`: no hub.
    pub above: Option<&'a CallsAbove>,
    /// Which action sets to look at; `None`: all.
    pub sets: Option<BTreeSet<Box<str>>>,
    /// Bindings besides those of the settings.
    pub bindings: Vec<Binding>,
    /// The version that every appliance is taken to have, whatever tags and settings say; `None`: the one that they say.
    pub version: Option<ProductVersion>,
    /// The least danger to look for among what principals can do beyond their sets; `None`: none is looked for.
    pub excess: Option<DangerKind>,
    /// Layers that must have been looked at for a verdict to be compliant.
    pub require: BTreeSet<RequiredLayer>,
    /// Who must be denied what; asked only where the whole account is looked at.
    pub canary: Option<&'a Canary>,
    /// What the listing can tell.
    pub extent: Extent,
}

/// Whom an audit looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Principals {
    /// Everybody whom tags or settings bind.
    #[default]
    All,
    /// Those with these names or ARNs, as a person typed them; each must be in the listing.
    Named(Vec<String>),
    /// These.
    These(BTreeSet<PrincipalArn>),
    /// This one, and all that come after it in the listing: what an earlier run left.
    From(PrincipalArn),
}

/// Where the calls come from that explain what opens or gets worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Explain {
    /// From the trail events that the audit was given, which may not be all that there are.
    #[default]
    Given,
    /// From the trail events that the audit was given, which are all that came since the last audit.
    Arrived,
    /// From CloudTrail, where those that the audit was given explain nothing.
    LookUp,
}

/// How much of a principal a listing shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// What a template makes: no access keys.
    Template,
    /// Policies alone: not who assumes the role, nor whether it is a role at all.
    Policies,
}

impl<'a> Asked<'a> {
    /// What the settings say, of the whole of whichever account the listing is of.
    #[must_use]
    pub fn new(catalog: &'a Catalog, settings: &'a Settings, now: Timestamp) -> Self {
        Self {
            account: None,
            catalog,
            settings,
            settings_of: SettingsOf::Account,
            now,
            principals: Principals::All,
            touched_by: None,
            explain: Explain::Given,
            arrivals: None,
            above: None,
            sets: None,
            bindings: Vec::new(),
            version: None,
            excess: settings.excess,
            require: settings.require.clone(),
            canary: settings.canary.as_ref(),
            extent: Extent::Whole,
        }
    }

    /// The bindings of the settings, then those that were asked for besides.
    pub(crate) fn bindings(&self) -> impl Iterator<Item = &Binding> {
        self.settings.bindings.iter().chain(&self.bindings)
    }

    /// By which rules it binds: for asking a footprint about trail events.
    #[must_use]
    pub fn binding_rules(&self) -> BindingRules {
        let settings = self.settings;
        let bindings: Vec<&Binding> = self.bindings().collect();
        let embedded = Catalog::embedded();
        let is_own = |set: &&ActionSet| embedded.find(set.id.as_str()).ok() != Some(*set);
        let own_sets: Vec<_> = self.catalog.sets().filter(is_own).collect();
        let patterns = bindings.iter().filter_map(|one| one.principal.as_ref());
        let all = (
            RulesVersion::current(),
            own_sets,
            &bindings,
            (&settings.tag_prefix, settings.product_version, self.version),
            (&settings.regions, &settings.assumed_by, &settings.answers),
            (&settings.read, &self.sets),
        );
        BindingRules::new(&settings.tag_prefix, patterns, &all)
    }
}
