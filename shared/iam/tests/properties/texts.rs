//! Arbitrary text: is everything read or refused, and do patterns mean what they should?

use iam::inventory::Fault;
use iam::policy::{Document, decode, grant};
use iam::trust::TrustPolicy;
use iam::{Context, glob, variable};
use proptest::prelude::*;

/// The meaning of a pattern, spelled out: exponential, and plain to see.
fn naive(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => {
            naive(rest, text)
                || text
                    .split_first()
                    .is_some_and(|(_, text)| naive(pattern, text))
        }
        (['?', rest @ ..], [_, text @ ..]) => naive(rest, text),
        ([wanted, rest @ ..], [found, text @ ..]) => wanted == found && naive(rest, text),
        _ => false,
    }
}

const DOCUMENT: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:*"],
"NotResource":"arn:aws:s3:::${aws:username}","Condition":{"ForAnyValue:StringLike":{"aws:TagKeys":["a",1.5,true]}}}]}"#;

const RESOURCE_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A b","Effect":"Deny","NotPrincipal":{"AWS":
["arn:aws:iam::111122223333:root","AROAEXAMPLEEXAMPLE001"],"Service":"s3.amazonaws.com"},"Action":"s3:*","Resource":"*"}]}"#;

const GRANT: &str = r#"{"KeyId":"arn:aws:kms:eu-west-1:111122223333:key/1","GranteePrincipal":"arn:aws:iam::111122223333:role/A",
"Operations":["Decrypt"],"Constraints":{"EncryptionContextEquals":{"a":"b"}}}"#;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn patterns_agree_with_their_plain_meaning(pattern in "[ab*?é]{0,7}", text in "[abé\n]{0,9}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        let expected = naive(&chars(&pattern), &chars(&text));
        prop_assert_eq!(glob::matches(&pattern, &text), expected);
        let mut tokens = glob::Pattern::default();
        tokens.push_wild(&pattern);
        prop_assert_eq!(tokens.matches(&text), expected);
        prop_assert_eq!(glob::matches_folded(&pattern.to_uppercase(), &text), expected);
    }

    #[test]
    fn a_literal_matches_itself_only(literal in "[a*?${}]{0,6}", text in "[a*?${}]{0,6}") {
        let mut tokens = glob::Pattern::default();
        tokens.push_literal(&literal);
        prop_assert!(tokens.matches(&literal));
        prop_assert_eq!(tokens.matches(&text), literal == text);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = Document::parse(&text);
        let _ = Document::parse_resource_policy(&text);
        let _ = Document::parse_resource_control_policy(&text);
        let _ = grant::read(&text);
        let _ = TrustPolicy::parse(&text);
        let _ = decode(&text);
    }

    #[test]
    fn a_document_with_a_mistake_is_read_or_refused_with_its_place(
        at in any::<prop::sample::Index>(),
        instead in "[\\[\\]{}\",:*a1\\\\\n]{0,3}",
        length in 0_usize..4,
    ) {
        let mut letters: Vec<char> = DOCUMENT.chars().collect();
        let start = at.index(letters.len());
        let end = (start + length).min(letters.len());
        letters.splice(start..end, instead.chars());
        let text: String = letters.into_iter().collect();
        if let Err(fault) = Document::parse(&text) {
            prop_assert!(fault.line >= 1 && !fault.reason.is_empty());
            prop_assert!(fault.line <= text.lines().count().max(1) + 1);
        }
    }

    #[test]
    fn a_resource_policy_or_grant_with_a_mistake_is_read_or_refused(
        at in any::<prop::sample::Index>(),
        instead in "[\\[\\]{}\",:*a1\\\\\n]{0,3}",
        length in 0_usize..4,
    ) {
        for (text, parse) in [
            (RESOURCE_POLICY, Document::parse_resource_policy as fn(&str) -> Result<Document, Fault>),
            (GRANT, grant::read),
        ] {
            let mut letters: Vec<char> = text.chars().collect();
            let start = at.index(letters.len());
            let end = (start + length).min(letters.len());
            letters.splice(start..end, instead.chars());
            let text: String = letters.into_iter().collect();
            if let Err(fault) = parse(&text) {
                prop_assert!(!fault.reason.is_empty());
                prop_assert!(fault.line <= text.lines().count().max(1) + 1);
            }
        }
    }

    #[test]
    fn pieces_of_a_text_lose_nothing(text in "[a:${}',* ]{0,12}") {
        let (head, tail) = variable::split_resource(&text);
        prop_assert_eq!(format!("{head}{tail}"), text.clone());
        let expansion = variable::expand(&text, variable::Style::Literal, &Context::partial());
        if variable::pieces(&text).all(|piece| matches!(piece, variable::Piece::Text(_))) {
            prop_assert!(expansion.now.is_some_and(|pattern| pattern.matches(&text)));
        }
    }
}
