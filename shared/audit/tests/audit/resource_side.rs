//! The resource side: requests that keys, buckets and vaults decide besides.

mod buckets;
mod case;
mod checked;
mod confirming;
mod declaring;
mod endpoints;
mod explained;
mod fixing;
mod found_keys;
mod hidden;
mod keys;
mod lists;
mod named_scps;
mod organizations;
mod prefixes;
mod promises;
mod reread;
mod roles;
mod vaults;
mod wanting;
