//! Endpoints: were the policies of VPC endpoints read again that a denial may rest on?

use iam::Arn;

use super::Audit;
use crate::find::read_side;
use crate::judge::resource_side::workers;
use crate::resources::NamedResource;

impl Audit<'_> {
    /// Whether requests may pass endpoints of a region where these were not read. Where no private network is declared any more, nobody
    /// asks for any; a tag that cannot be read may have declared one.
    pub(super) fn lacks_endpoints(&self, resource: &str, named: Option<&NamedResource>) -> bool {
        if self.requirement.private_network != Some(true) {
            return self.may_be_named();
        }
        let region = match named {
            Some(NamedResource::Bucket(name)) => {
                let bucket = self.resources.buckets.get(name);
                bucket.and_then(|bucket| bucket.region.read().map(|region| &**region))
            }
            Some(NamedResource::Key { .. } | NamedResource::Vault(_)) | None => {
                Arn::parse(resource).ok().map(|arn| arn.region)
            }
        };
        let Some(region) = region else {
            return true;
        };
        let regions = &self.requirement.regions;
        let is_wanted = regions.is_empty() || regions.iter().any(|one| **one == *region);
        is_wanted && self.lacks_endpoints_of(region)
    }

    /// The same of what workers call, which is about no declared resource.
    pub(super) fn lacks_endpoints_of_workers(&self) -> bool {
        if !self.requirement.is_carried_in_private() {
            return self.may_be_named();
        }
        let mut regions = self.requirement.regions.iter();
        let mut passed = workers::endpoints(self.requirement, self.resources).into_iter();
        regions.any(|region| self.lacks_endpoints_of(region))
            || passed.any(|one| one.policy.is_none())
    }

    /// The same of a denial that another layer was blamed for.
    pub(super) fn lacks_endpoints_besides(&self) -> bool {
        match self.requirement.private_network {
            Some(true) => !read_side::knows_endpoints(self.requirement, self.resources),
            Some(false) | None => self.may_be_named(),
        }
    }

    fn lacks_endpoints_of(&self, region: &str) -> bool {
        let known = self.resources.regions.get(region);
        known.is_none_or(|known| known.endpoints.read().is_none())
    }
}
