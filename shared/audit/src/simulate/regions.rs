//! Regions: in which regions may all resources of one request lie, as far as policies tell them apart?
//!
//! In: the patterns of resources that are written about an action. Out: a region for each way in which they can match, among them one
//! that none names. All kinds of resource of a request are in one region, whichever it is, so it is enough to try these.

use std::collections::BTreeSet;

use iam::glob::{Pattern, is_everything};

use super::form::Form;

/// More are not tried. Policies name the regions of an account, and seldom a pattern of regions.
const MOST: usize = 100;

/// The regions; `None` where there are too many to try them all.
pub(super) fn regions<'a>(written: impl Iterator<Item = &'a str>) -> Option<BTreeSet<String>> {
    let parts: BTreeSet<&str> = written.flat_map(region_parts).collect();
    let form = Form::region();
    let mut meetings: Vec<Vec<Pattern>> = vec![Vec::new()];
    let mut regions = BTreeSet::from([form.unnamed()]);
    for part in parts {
        for at in 0..meetings.len() {
            let mut patterns = meetings.get(at).cloned().unwrap_or_default();
            let mut pattern = Pattern::default();
            pattern.push_wild(part);
            patterns.push(pattern);
            let all: Vec<&Pattern> = patterns.iter().collect();
            if let Some(sample) = form.within(&all) {
                regions.insert(sample.resource);
                meetings.push(patterns);
            }
            if meetings.len() > MOST {
                return None;
            }
        }
    }
    Some(regions)
}

/// What a pattern says of the region: the fourth part; any of its parts, where it is too short or wild to tell.
fn region_parts(written: &str) -> Vec<&str> {
    let parts: Vec<&str> = written.splitn(6, ':').collect();
    let is_plain = |part: &&str| !part.contains(['*', '?']);
    let parts = match parts.as_slice() {
        [arn, partition, service, region, _, _]
            if [arn, partition, service].into_iter().all(is_plain) =>
        {
            vec![*region]
        }
        _ => written.split(':').collect(),
    };
    let says_something =
        |part: &&str| !part.is_empty() && !part.contains('/') && !is_everything(part);
    parts.into_iter().filter(says_something).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &[&str], expected: &[&str]) {
        let found = regions(written.iter().copied()).unwrap();
        let unnamed = Form::region().unnamed();
        assert!(found.contains(&unnamed));
        let named = found.iter().filter(|one| !one.contains(&unnamed));
        assert_eq!(named.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn each_region_that_is_named_is_tried() {
        check(&["*", "arn:aws:s3:::b", "arn:aws:ec2:*:*:volume/*"], &[]);
        check(
            &[
                "arn:aws:ec2:eu-west-1::snapshot/*",
                "arn:aws:ec2:us-east-1:*:*",
            ],
            &["eu-west-1", "us-east-1"],
        );
        check(&["*:eu-west-1:*"], &["eu-west-1"]);
    }

    #[test]
    fn patterns_of_regions_are_tried_where_they_meet() {
        let region = |one: &str| format!("arn:aws:ec2:{one}::snapshot/*");
        let three = ["eu-?e*", "*t-1", "??-w*"].map(region);
        let found = regions(three.iter().map(String::as_str)).unwrap();
        let mut pattern = Pattern::default();
        pattern.push_wild("eu-?e*");
        assert!(
            found.iter().any(|one| pattern.matches(one)
                && one.ends_with("t-1")
                && one.get(3..4) == Some("w"))
        );
        let many: Vec<String> = (0..120).map(|at| region(&format!("{at}"))).collect();
        assert_eq!(regions(many.iter().map(String::as_str)), None);
    }
}
