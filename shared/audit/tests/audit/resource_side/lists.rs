//! What an audit says of regions and of lists of the account: read, refused, or nobody's business.

use audit::assessment::{ListRead, Readings};
use audit::requirement::ResourcePolicy;
use audit::resources::{BackupSettings, Reading, Region, RegionStatus};

use audit::verdict::Judgement;

use super::case::Case;

fn refused<T>() -> Reading<T> {
    Reading::Refused("AccessDenied".into())
}

#[test]
fn a_region_and_a_list_that_were_refused_are_counted() {
    let one = |read, refused, not_read| Readings {
        read,
        refused,
        not_read,
    };
    let with = |settings| {
        let mut case = Case::role(&[("action-sets", "vbaws-role-efs-backup")]);
        let region = Region {
            backup: settings,
            vaults: Reading::Read([].into()),
            ..Region::default()
        };
        case.resources.regions.insert("eu-west-1".into(), region);
        case
    };
    let counted = |case: &Case| case.assessment().coverage.layers;
    assert_eq!(counted(&with(refused())).regions, one(0, 1, 0));
    assert_eq!(
        counted(&with(Reading::Read(BackupSettings::default()))).regions,
        one(1, 0, 0)
    );
    let mut case = with(refused());
    case.resources.regions.clear();
    let found = counted(&case);
    assert_eq!(found.regions, one(0, 0, 1));
    assert_eq!(found.enabled_regions, ListRead::NotRead);
    case.resources.enabled_regions = refused();
    assert_eq!(counted(&case).enabled_regions, ListRead::Refused);
    case.resources.enabled_regions =
        Reading::Read([("eu-west-1".into(), RegionStatus::NotOptedIn)].into());
    let found = counted(&case);
    assert_eq!(found.enabled_regions, ListRead::Read);
    assert_eq!(found.regions, one(0, 0, 0), "nothing is set in it");
    assert_eq!(found.own_buckets, ListRead::NotNeeded);
    let mut case = Case::role(&[("action-sets", "vbr-s3-immutability"), ("bucket", "b")]);
    assert_eq!(counted(&case).own_buckets, ListRead::NotRead);
    case.resources.own_buckets = refused();
    assert_eq!(counted(&case).own_buckets, ListRead::Refused);
}

#[test]
fn a_requirement_whose_regions_may_not_be_enabled_is_marked() {
    let marked = |case: &Case| {
        let found = case.assessment();
        let verdict = &found.verdicts[0];
        assert_eq!(verdict.judgement(), Judgement::Compliant);
        verdict.unread().contains(&ResourcePolicy::EnabledRegions)
    };
    let mut case = Case::role(&[("action-sets", "vbaws-role-efs-backup")]);
    assert!(!marked(&case), "a file holds no such list");
    case.resources.enabled_regions = refused();
    assert!(marked(&case));
    assert_eq!(case.assessment().count_unread(), 1);
    case.resources.enabled_regions =
        Reading::Read([("eu-west-1".into(), RegionStatus::OptedIn)].into());
    assert!(!marked(&case));
}
