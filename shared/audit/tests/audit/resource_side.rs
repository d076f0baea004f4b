//! The resource side: requests that keys, buckets and vaults decide besides.

mod declaring;
