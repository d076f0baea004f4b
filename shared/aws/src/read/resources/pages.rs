//! Pages: how is a list read that comes in pieces?

use serde_json::{Value, json};

use super::ask::{Asker, Destination, Read, Unanswered};
use crate::failure::Failure;
use crate::signed::SignedRequest;

/// The most pages of a list. The longest is that of an organisation's accounts: AWS grants 10,000 at most, and a page has 20 or fewer,
/// since Organizations may end a page early.
const MOST: usize = 2_000;

/// A list that comes in pages.
pub(super) struct Paged {
    /// The list in a page.
    pub(super) list: &'static str,
    /// What gets the next page.
    pub(super) token: &'static str,
    /// How a page is read.
    pub(super) read: Read,
}

/// A list as one answer; `call` asks for the page of a token.
///
/// # Errors
/// [`Unanswered`] where a page does not come: a list that is not whole says nothing.
pub(super) async fn all(
    asker: &Asker,
    place: Destination<'_>,
    paged: &Paged,
    call: impl Fn(Option<&str>) -> SignedRequest,
) -> Result<Value, Unanswered> {
    let mut members = Vec::new();
    let mut at: Option<String> = None;
    for _ in 0..MOST {
        let mut page = asker.ask(place, call(at.as_deref()), paged.read).await?;
        if let Some(Value::Array(found)) = page.get_mut(paged.list).map(Value::take) {
            members.extend(found);
        }
        match page.get(paged.token).and_then(Value::as_str) {
            Some(token) if !token.is_empty() => at = Some(token.to_owned()),
            Some(_) | None => return Ok(json!({ paged.list: members })),
        }
    }
    Err(Failure::Broken { code: None }.into())
}
