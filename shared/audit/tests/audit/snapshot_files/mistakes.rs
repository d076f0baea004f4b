//! Mistakes of whoever edits a snapshot: each is named, and none of them makes a verdict better.

use serde_json::{Value, json};

use super::{BUCKET, KEY, REGION, VAULT, mistakes, read, refused, take};

#[test]
fn an_unknown_key_is_a_mistake_at_every_level_that_is_not_awss() {
    refused(
        |snapshot| snapshot["bucket"] = json!({}),
        ".bucket: unknown key `bucket`: did you mean `buckets`?",
    );
    refused(
        |snapshot| snapshot["buckets"][BUCKET]["get-bucket-polcy"] = json!({}),
        ".buckets[\"northgrain-veeam-archive\"][\"get-bucket-polcy\"]: unknown key `get-bucket-polcy`: did you mean `get-bucket-policy`?",
    );
    refused(
        |snapshot| snapshot["keys"][KEY]["note"] = json!(""),
        ".keys[\"arn:aws:kms:eu-central-1:111122223333:key/0f1e2d3c-4b5a-4697-8877-665544332211\"].note: unknown key `note`: expected one of describe-key, get-key-policy, list-grants",
    );
    for (part, name) in [("vaults", VAULT), ("regions", REGION)] {
        let found = mistakes(|snapshot| snapshot[part][name]["describe"] = json!({}));
        assert!(found[0].contains("unknown key `describe`"), "{found:?}");
    }
    refused(
        |snapshot| {
            snapshot["list-buckets"] = json!({"error": {"code": "AccessDenied", "reason": ""}});
        },
        ".[\"list-buckets\"].error.reason: unknown key `reason`: expected one of code, message",
    );
}

/// AWS adds keys to what its commands print.
#[test]
fn a_key_that_aws_may_have_added_is_passed_over() {
    read(|snapshot| {
        snapshot["keys"][KEY]["describe-key"]["KeyMetadata"]["Quantum"] = json!(true);
        snapshot["buckets"][BUCKET]["get-bucket-versioning"] = json!({"Colour": "red"});
        snapshot["regions"][REGION]["describe-vpc-endpoints"]["VpcEndpoints"][0]["Moon"] = json!(1);
    });
}

#[test]
fn a_key_of_aws_that_is_misspelt_is_no_absence() {
    for (path, from, to) in [
        (
            vec!["keys", KEY, "describe-key", "KeyMetadata"],
            "KeyState",
            "KeyStat",
        ),
        (vec!["keys", KEY, "list-grants"], "Grants", "grants"),
        (
            vec!["vaults", VAULT, "describe-backup-vault"],
            "Locked",
            "Loked",
        ),
        (
            vec!["regions", REGION, "get-ebs-encryption-by-default"],
            "EbsEncryptionByDefault",
            "EbsEncryptionByDefalt",
        ),
        (
            vec!["regions", REGION, "describe-region-settings"],
            "ResourceTypeManagementPreference",
            "ResourceTypeManagmentPreference",
        ),
        (vec!["list-buckets"], "Buckets", "Bucket"),
    ] {
        let found = mistakes(|snapshot| {
            let object = path.iter().fold(snapshot, |at, key| &mut at[*key]);
            let value = object[from].clone();
            take(object, from);
            object[to] = value;
        });
        let hint = format!("unknown key `{to}`: did you mean `{from}`?");
        assert!(found.iter().any(|one| one.ends_with(&hint)), "{found:?}");
    }
    refused(
        |snapshot| {
            snapshot["buckets"][BUCKET]["get-bucket-versioning"] = json!({"status": "Enabled"});
        },
        ".buckets[\"northgrain-veeam-archive\"][\"get-bucket-versioning\"].status: unknown key `status`: did you mean `Status`?",
    );
    let found = mistakes(|snapshot| {
        let metadata = &mut snapshot["keys"][KEY]["describe-key"]["KeyMetadata"];
        metadata["DeletionDat"] = json!("2026-12-01T00:00:00Z");
    });
    assert!(
        found[0].ends_with("did you mean `DeletionDate`?"),
        "{found:?}"
    );
}

#[test]
fn what_stands_under_another_key_or_vault_is_told() {
    let other = KEY.replace("0f1e", "1f1e");
    for (change, command) in [
        (vec!["describe-key", "KeyMetadata", "Arn"], "describe-key"),
        (vec!["list-grants", "Grants", "", "KeyId"], "list-grants"),
    ] {
        let found = mistakes(|snapshot| {
            let at = change
                .iter()
                .fold(&mut snapshot["keys"][KEY], |at, key| match *key {
                    "" => &mut at[0],
                    key => &mut at[key],
                });
            *at = json!(other);
        });
        assert!(found[0].contains("stands under another key"), "{found:?}");
        assert!(
            found[0].contains(&format!("run `aws kms {command}")),
            "{found:?}"
        );
    }
    let other = VAULT.replace("veeam", "other");
    let found = mistakes(|snapshot| {
        snapshot["vaults"][VAULT]["describe-backup-vault"]["BackupVaultArn"] = json!(other);
    });
    assert!(found[0].contains("stands under the vault"), "{found:?}");
    let found = mistakes(|snapshot| {
        snapshot["vaults"][VAULT]["get-backup-vault-access-policy"] =
            json!({"BackupVaultArn": other, "Policy": "{}"});
    });
    assert!(found[0].contains("stands under the vault"), "{found:?}");
}

#[test]
fn a_policy_of_another_bucket_is_told() {
    let policy = |resource: &str| {
        let resource = resource.to_owned();
        move |snapshot: &mut Value| {
            let statement =
                json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resource});
            snapshot["buckets"][BUCKET]["get-bucket-policy"] =
                json!({"Policy": {"Version": "2012-10-17", "Statement": [statement]}});
        }
    };
    refused(
        policy("arn:aws:s3:::backups/*"),
        ".buckets[\"northgrain-veeam-archive\"][\"get-bucket-policy\"]: this policy is about `arn:aws:s3:::backups/*`, and stands under the bucket `northgrain-veeam-archive`: run `aws s3api get-bucket-policy --bucket northgrain-veeam-archive`",
    );
    for resource in [
        "*",
        "arn:aws:s3:::*",
        "arn:aws-cn:s3:::northgrain-veeam-archive/Veeam/*",
        "arn:aws:s3:::northgrain-*/*",
    ] {
        read(policy(resource));
    }
}

#[test]
fn a_bucket_of_another_account_is_told() {
    refused(
        |snapshot| snapshot["buckets"] = json!({"northgrain-veeam-archiv": {}}),
        ".buckets[\"northgrain-veeam-archiv\"]: `list-buckets` does not name `northgrain-veeam-archiv`, so another account owns it (did you mean `northgrain-veeam-archive`?): take it out, since that account's policies decide on it; or run `aws s3api list-buckets` again if it is new",
    );
    // One that is not there is in no list.
    let no_bucket = json!({"get-bucket-location": {"error": {"code": "NoSuchBucket"}}});
    read(|snapshot| snapshot["buckets"] = json!({"somebodys": no_bucket}));
    // Without the list nobody knows.
    read(|snapshot| {
        take(snapshot, "list-buckets");
        snapshot["buckets"] = json!({"somebodys": {}});
    });
    refused(
        |snapshot| snapshot["list-buckets"]["Prefix"] = json!("north"),
        ".[\"list-buckets\"]: this is a part of the buckets: run `aws s3api list-buckets` without `--prefix`",
    );
}

#[test]
fn what_is_not_the_name_of_what_it_stands_for_is_told() {
    for alias in [
        "alias/veeam",
        "0f1e2d3c-4b5a-4697-8877-665544332211",
        "arn:aws:kms:eu-central-1:111122223333:alias/veeam",
    ] {
        let found = mistakes(|snapshot| snapshot["keys"] = json!({alias: {}}));
        let command = format!(
            "`aws kms describe-key --key-id {alias} --query KeyMetadata.Arn --output text`"
        );
        assert!(found[0].contains(&command), "{found:?}");
    }
    for bucket in ["arn:aws:s3:::backups", "backups/Veeam", "s3://backups", ""] {
        let found = mistakes(|snapshot| {
            take(snapshot, "list-buckets");
            snapshot["buckets"] = json!({bucket: {}});
        });
        assert!(found[0].contains("is no name of a bucket"), "{found:?}");
    }
    let found = mistakes(|snapshot| snapshot["vaults"] = json!({"veeam": {}}));
    assert!(
        found[0].contains("aws backup describe-backup-vault"),
        "{found:?}"
    );
    for region in ["eu-centrl-1", "eu-central-1a", "Frankfurt", ""] {
        let found = mistakes(|snapshot| snapshot["regions"] = json!({region: {}}));
        assert!(found[0].contains(&format!("`{region}`")), "{found:?}");
    }
    refused(
        |snapshot| snapshot["regions"] = json!({"eu-centrl-1": {}}),
        ".regions[\"eu-centrl-1\"]: `describe-regions` does not name `eu-centrl-1`: did you mean `eu-central-1`?",
    );
    refused(
        |snapshot| {
            take(snapshot, "describe-regions");
            snapshot["regions"] = json!({"eu-central-1a": {}});
        },
        ".regions[\"eu-central-1a\"]: `eu-central-1a` is no region: expected one such as `eu-central-1`",
    );
}

#[test]
fn what_is_of_another_region_is_told() {
    let other = KEY.replace(REGION, "eu-west-1");
    for (command, printed) in [
        ("get-ebs-default-kms-key-id", json!({"KmsKeyId": other})),
        (
            "describe-volumes",
            json!({"Volumes": [{"Encrypted": true, "KmsKeyId": other}]}),
        ),
        (
            "list-backup-vaults",
            json!({"BackupVaultList": [{"BackupVaultName": "v", "BackupVaultArn": "arn:aws:backup:eu-west-1:111122223333:backup-vault:v"}]}),
        ),
        (
            "describe-db-instances",
            json!({"DBInstances": [{"StorageEncrypted": true, "KmsKeyId": other}]}),
        ),
    ] {
        let found = mistakes(|snapshot| snapshot["regions"][REGION][command] = printed);
        assert!(found[0].ends_with("is in eu-west-1, and this stands under eu-central-1: run the command with `--region eu-central-1`"), "{found:?}");
    }
}

#[test]
fn an_output_that_contradicts_itself_is_told() {
    let metadata = |change: &dyn Fn(&mut Value)| {
        mistakes(|snapshot| change(&mut snapshot["keys"][KEY]["describe-key"]["KeyMetadata"]))
    };
    let found = metadata(&|key| key["KeyState"] = json!("Disabled"));
    assert!(
        found[0].contains("`Enabled` contradicts `KeyState`, which is `Disabled`"),
        "{found:?}"
    );
    let found = metadata(&|key| key["AWSAccountId"] = json!("444455556666"));
    assert!(
        found[0].contains("is not the account in the key's ARN"),
        "{found:?}"
    );
    for key in ["Arn", "AWSAccountId", "KeyState", "KeyManager"] {
        let found = metadata(&|metadata| take(metadata, key));
        assert!(
            found[0].contains(&format!("there is no `{key}`")),
            "{found:?}"
        );
    }
    let found = mistakes(|snapshot| {
        snapshot["regions"][REGION]["describe-volumes"] = json!({"Volumes": [{"Encrypted": true}]});
    });
    assert!(
        found[0].contains("is encrypted and has no `KmsKeyId`"),
        "{found:?}"
    );
}

/// Where the AWS CLI failed, its standard output is empty.
#[test]
fn an_empty_output_is_no_absence_where_aws_prints_something() {
    for nothing in [json!({}), json!(null), json!("")] {
        for command in [
            "get-bucket-policy",
            "get-object-lock-configuration",
            "get-bucket-encryption",
            "get-bucket-lifecycle-configuration",
            "get-bucket-location",
            "get-bucket-request-payment",
            "get-bucket-replication",
        ] {
            let found = mistakes(|snapshot| {
                snapshot["buckets"][BUCKET][command] = nothing.clone();
            });
            assert_eq!(found.len(), 1, "{command}: {found:?}");
        }
        for command in ["describe-key", "get-key-policy", "list-grants"] {
            let found = mistakes(|snapshot| snapshot["keys"][KEY][command] = nothing.clone());
            assert_eq!(found.len(), 1, "{command}: {found:?}");
        }
        for command in ["describe-backup-vault", "get-backup-vault-access-policy"] {
            let found = mistakes(|snapshot| snapshot["vaults"][VAULT][command] = nothing.clone());
            assert_eq!(found.len(), 1, "{command}: {found:?}");
        }
        for command in [
            "describe-vpc-endpoints",
            "describe-volumes",
            "describe-region-settings",
        ] {
            let found = mistakes(|snapshot| snapshot["regions"][REGION][command] = nothing.clone());
            assert_eq!(found.len(), 1, "{command}: {found:?}");
        }
        for part in ["list-buckets", "describe-regions"] {
            let found = mistakes(|snapshot| snapshot[part] = nothing.clone());
            assert_eq!(found.len(), 1, "{part}: {found:?}");
        }
    }
}

#[test]
fn an_error_is_its_code_and_nothing_else() {
    let policy = |printed: Value| {
        move |snapshot: &mut Value| snapshot["buckets"][BUCKET]["get-bucket-policy"] = printed
    };
    let place = ".buckets[\"northgrain-veeam-archive\"][\"get-bucket-policy\"]";
    refused(
        policy(
            json!({"error": {"code": "An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation"}}),
        ),
        &format!("{place}.error.code: expected the code alone: `NoSuchBucketPolicy`"),
    );
    refused(
        policy(json!({"error": {"code": ""}})),
        &format!("{place}.error.code: expected the code alone, such as `AccessDenied`"),
    );
    refused(
        policy(json!({"error": {"message": "no"}})),
        &format!(
            "{place}.error: there is no `code`: expected the code alone, such as `AccessDenied`"
        ),
    );
    refused(
        policy(json!({"error": {"code": "NoSuchBucketPolicy"}, "Policy": "{}"})),
        &format!("{place}: `error` stands beside an output: expected one of the two"),
    );
    let found = mistakes(policy(json!({"error": "NoSuchBucketPolicy"})));
    assert!(
        found[0].contains("expected `{\"code\": \"AccessDenied\""),
        "{found:?}"
    );
}

#[test]
fn a_value_that_aws_does_not_print_is_told() {
    let bucket = |command: &str, printed: Value| {
        mistakes(|snapshot| snapshot["buckets"][BUCKET][command] = printed)
    };
    for (command, printed, expected) in [
        (
            "get-bucket-versioning",
            json!({"Status": "enabled"}),
            "expected `Enabled` or `Suspended`",
        ),
        (
            "get-bucket-request-payment",
            json!({"Payer": "Me"}),
            "expected `BucketOwner` or `Requester`",
        ),
        (
            "get-bucket-lifecycle-configuration",
            json!({"Rules": [{"Status": "On"}]}),
            "expected `Enabled` or `Disabled`",
        ),
        (
            "get-object-lock-configuration",
            json!({"ObjectLockConfiguration": {"ObjectLockEnabled": "Disabled"}}),
            "expected `Enabled`",
        ),
        (
            "get-bucket-encryption",
            json!({"ServerSideEncryptionConfiguration": {"Rules": []}}),
            "S3 takes one",
        ),
    ] {
        let found = bucket(command, printed);
        assert!(found[0].contains(expected), "{found:?}");
    }
    let found = mistakes(|snapshot| {
        snapshot["describe-regions"]["Regions"][0]["OptInStatus"] = json!("yes");
    });
    assert!(found[0].contains("`yes` is no status"), "{found:?}");
    let found = mistakes(|snapshot| snapshot["takenAt"] = json!("yesterday"));
    assert!(found[0].starts_with(".takenAt: "), "{found:?}");
}
