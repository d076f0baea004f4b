//! IP networks: is an address in one?
//!
//! A network is `10.0.0.0/8`, `2001:db8::/32` or a bare address; bits below the prefix do not count. An address of the
//! other family is in no network, a mapped one (`::ffff:10.0.0.1`) included.

use std::net::IpAddr;

/// A network of either family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// `None` where the text is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => most,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().ok()?
            }
            Some(_) => return None,
        };
        (prefix <= most).then_some(Self { address, prefix })
    }

    /// Whether an address lies in it.
    pub(super) fn contains(self, address: IpAddr) -> bool {
        let differing = match (self.address, address) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros()
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                (ours.to_bits() ^ theirs.to_bits()).leading_zeros()
            }
            _ => return false,
        };
        differing >= u32::from(self.prefix)
    }

    /// The first address in it.
    pub(super) fn first(self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX
                    .checked_shl(32 - u32::from(self.prefix))
                    .unwrap_or(0);
                IpAddr::V4((address.to_bits() & mask).into())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.prefix))
                    .unwrap_or(0);
                IpAddr::V6((address.to_bits() & mask).into())
            }
        }
    }

    /// The address that follows the last one in it; `None` at the end of the family.
    pub(super) fn behind(self) -> Option<IpAddr> {
        let host_bits = |family: u32| family - u32::from(self.prefix);
        match self.first() {
            IpAddr::V4(first) => {
                let next = 1_u32
                    .checked_shl(host_bits(32))
                    .and_then(|size| first.to_bits().checked_add(size));
                next.map(|next| IpAddr::V4(next.into()))
            }
            IpAddr::V6(first) => {
                let next = 1_u128
                    .checked_shl(host_bits(128))
                    .and_then(|size| first.to_bits().checked_add(size));
                next.map(|next| IpAddr::V6(next.into()))
            }
        }
    }

    /// All addresses of a family: which one.
    pub(super) fn whole_family(self) -> Option<Family> {
        (self.prefix == 0).then_some(if self.address.is_ipv4() {
            Family::V4
        } else {
            Family::V6
        })
    }
}

/// A family of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    V4,
    V6,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(network: &str, address: &str, expected: bool) {
        let network = Network::parse(network).unwrap();
        assert_eq!(network.contains(address.parse().unwrap()), expected);
    }

    #[test]
    fn an_address_is_in_its_network_only() {
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("10.1.2.3/8", "10.9.9.9", true);
        check("10.1.2.3", "10.1.2.3", true);
        check("10.1.2.3", "10.1.2.4", false);
        check("0.0.0.0/0", "203.0.113.9", true);
        check("0.0.0.0/0", "::1", false);
        check("::/0", "10.0.0.1", false);
        check("2001:db8::/32", "2001:DB8:1::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
        check("::ffff:10.0.0.0/104", "10.0.0.1", false);
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in [
            "",
            "10.0.0",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "::/129",
            "010.0.0.1",
            "10.0.0.*",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
