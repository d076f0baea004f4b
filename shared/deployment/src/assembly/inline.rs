//! Inline policies: what if two of one name are written into the same principal or group?

use iam::inventory::PolicyText;

use super::entities::{Holder, HolderKind, NamedInline};
use super::{Assembly, document_in_doubt};
use crate::node::{Text, Unknown};

impl Assembly<'_> {
    /// As [`Self::write_into`], of a policy that another with its name would overwrite: where two may have the same,
    /// nobody knows which stays. `source` tells it from others; `perhaps` is why it may not be there.
    pub(crate) fn write_named(
        &mut self,
        holder: Holder<'_>,
        (name, line, source): (Text, usize, String),
        mut document: PolicyText,
        perhaps: Option<&Unknown>,
    ) {
        let at = match holder {
            Holder::Principal(id) => (HolderKind::Principal, id.to_owned()),
            Holder::Group(id) => (HolderKind::Group, id.to_owned()),
        };
        let before = self.written.get(&at).cloned().unwrap_or_default();
        for other in &before {
            if other.source == source || !other.name.may_be(&name) {
                continue;
            }
            let doubt = |line: usize, other: usize| Unknown {
                name: name.to_string(),
                why: format!(
                    "the policy on line {other} may have the same name, `{name}`, and nobody knows which of them stays"
                ),
                line,
                of: None,
            };
            document = self.in_doubt(&document, Some(&doubt(line, other.line)));
            let file = self.at;
            let written = self.inline(holder);
            if let Some(written) = written.and_then(|inline| inline.get_mut(other.index)) {
                let why = doubt(other.line, line);
                written.document = document_in_doubt(&written.document, Some(&why), file);
            }
        }
        let index = self.inline(holder).map_or(0, |inline| inline.len());
        let label = self.label(&name.to_string(), line);
        self.write_into(holder, label, document);
        self.written.entry(at).or_default().push(NamedInline {
            name,
            line,
            source,
            is_certain: perhaps.is_none(),
            index,
        });
    }
}
