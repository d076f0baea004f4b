//! Surroundings: what do messages about an organisation say besides what they are about?

use std::collections::BTreeMap;

use audit::settings::Owners;
use iam::AccountId;

use crate::header::Header;
use crate::organization::view::AccountPlace;

/// What is known of an organisation besides the message.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The run's id, with the account of the hub.
    pub header: Header<'a>,
    /// Where accounts stand, as far as that is known.
    pub places: &'a BTreeMap<AccountId, AccountPlace>,
    /// What SCPs and RCPs are called, by id, as far as that is known.
    pub policies: &'a BTreeMap<Box<str>, Box<str>>,
    /// Who owns which layer.
    pub owners: &'a Owners,
    /// Where the report of the whole organisation is: an address in AWS's console.
    pub report: Option<&'a str>,
}
