//! Each call in each case: refused, throttled once, cut once. What one of them does not answer spoils no other.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use audit::resources::SourceKind;

/// Everything that can be wanted: 33 calls.
fn everything() -> Wanted {
    Wanted {
        named: [key(KEY), bucket(BUCKET), NamedResource::Vault(VAULT.into())].into(),
        organization: true,
        ..region(WantedRegion {
            volumes: true,
            backup: true,
            endpoints: true,
            sources: [
                SourceKind::Volume,
                SourceKind::DbInstance,
                SourceKind::DbCluster,
            ]
            .into(),
        })
    }
}

fn name(sent: &Sent) -> String {
    format!("{} {} {}", sent.uri, sent.target, sent.body)
}

fn is_storage(sent: &Sent) -> bool {
    sent.uri.contains("s3.")
}

/// Reads where a call is answered otherwise for so many times.
async fn with_one(
    call: &str,
    times: usize,
    other: impl Fn(&Sent) -> (u16, String) + Send + Sync + 'static,
) -> (ReadSide, usize) {
    let (call, asked) = (call.to_owned(), AtomicUsize::new(0));
    let (side, sent) = read_where(&everything(), move |sent| {
        let is_it = name(sent) == call && asked.fetch_add(1, Ordering::Relaxed) < times;
        is_it.then(|| other(sent))
    })
    .await;
    (side, sent.len())
}

fn refused(sent: &Sent, (json, form, storage): (&str, &str, &str)) -> (u16, String) {
    match sent.target.is_empty() {
        false => json_refusal(400, json),
        true if is_storage(sent) => storage_refusal(403, storage),
        true if sent.uri.contains("://backup.") => json_refusal(400, json),
        true => crate::replay::refusal(403, form, "no"),
    }
}

#[tokio::test]
async fn each_call_is_refused_throttled_and_cut() {
    let (whole, sent) = read_where(&everything(), |_| None).await;
    let calls: BTreeSet<String> = sent.iter().map(name).collect();
    assert_eq!(calls.len(), sent.len());
    for call in &calls {
        let denied = |sent: &Sent| {
            refused(
                sent,
                ("AccessDeniedException", "AccessDenied", "AccessDenied"),
            )
        };
        let (side, _) = with_one(call, usize::MAX, denied).await;
        assert_ne!(side.resources, whole.resources, "{call}");
        assert_eq!((side.reads.refused, side.reads.failed), (1, 0), "{call}");
        let saved = serde_json::to_string(&side.parts).unwrap();
        // Levels without RCPs and one that is refused contradict each other.
        let why = ["AccessDenied", "NotUnderstood"];
        assert!(why.iter().any(|code| saved.contains(code)), "{call}");

        let throttled =
            |sent: &Sent| refused(sent, ("ThrottlingException", "Throttling", "SlowDown"));
        let (side, made) = with_one(call, 1, throttled).await;
        assert_eq!(side.resources, whole.resources, "{call}");
        assert_eq!(made, sent.len() + 1, "{call}");

        let cut = |sent: &Sent| {
            let (status, mut body) = answer(sent);
            body.truncate(body.trim_end().len() - 1);
            (status, body)
        };
        let (side, _) = with_one(call, 1, cut).await;
        let says_none = sent
            .iter()
            .any(|sent| name(sent) == *call && answer(sent).0 != 200);
        if says_none {
            // Half a refusal is no "none", and is not asked again.
            let saved = serde_json::to_string(&side.parts).unwrap();
            assert!(saved.contains("NoProperAnswer"), "{call}");
            assert_ne!(side.resources, whole.resources, "{call}");
        } else {
            assert_eq!(side.resources, whole.resources, "{call}");
        }
    }
}
