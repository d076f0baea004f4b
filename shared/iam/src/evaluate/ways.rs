//! Ways: which layers have to allow a request, where not all of them must?
//!
//! Without a resource side every layer must allow. With one, some layers still must (the gates), and of the others it is enough if
//! all of one way do: the identity policies with boundary and session policies, or the resource's policy alone.

use crate::truth::Truth;

/// The ways to an allowed request. Layers are positions; those in no way are gates.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ways {
    /// How many layers there are.
    pub(super) layers: usize,
    /// The usual way comes first: where the request is denied, its layers are named.
    pub(super) ways: Vec<Way>,
}

/// Layers that together let a request through.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) parts: Vec<Part>,
    /// What AWS leaves open, where a part is soft.
    pub(super) doubt: Option<&'static str>,
}

/// One layer of a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) layer: usize,
    /// AWS does not say whether this layer must allow: if it does not, the way is not sure.
    pub(super) soft: bool,
}

impl Way {
    fn truth(&self, value: &impl Fn(usize) -> Truth) -> Truth {
        let truth = |part: &Part| match value(part.layer) {
            Truth::No if part.soft => Truth::Unclear,
            other => other,
        };
        self.parts.iter().map(truth).min().unwrap_or(Truth::No)
    }

    fn has(&self, layer: usize) -> bool {
        self.parts.iter().any(|part| part.layer == layer)
    }
}

impl Ways {
    fn is_gate(&self, layer: usize) -> bool {
        !self.ways.iter().any(|way| way.has(layer))
    }

    /// Whether the request gets through, if each layer says so.
    pub(super) fn truth(&self, value: &impl Fn(usize) -> Truth) -> Truth {
        let gates = (0..self.layers).filter(|layer| self.is_gate(*layer));
        let gates = gates.map(value).min().unwrap_or(Truth::Yes);
        let ways = self.ways.iter().map(|way| way.truth(value)).max();
        gates.and(ways.unwrap_or(Truth::No))
    }

    /// Whether the request gets through at worst and at best, where an unclear layer can be either.
    pub(super) fn bounds(&self, value: &impl Fn(usize) -> Truth) -> (Truth, Truth) {
        (
            self.truth(&|layer| worst(value(layer))),
            self.truth(&|layer| best(value(layer))),
        )
    }

    /// Whether it can make a difference what an unclear layer turns out to say.
    pub(super) fn matters(&self, layer: usize, value: &impl Fn(usize) -> Truth) -> bool {
        if value(layer) != Truth::Unclear {
            return false;
        }
        // Each way by itself: its layers and the gates at their best, the others at their worst.
        self.ways.iter().any(|way| {
            if !self.is_gate(layer) && !way.has(layer) {
                return false;
            }
            let with = |own: Truth| {
                self.truth(&|other| {
                    if other == layer {
                        own
                    } else if way.has(other) || self.is_gate(other) {
                        best(value(other))
                    } else {
                        worst(value(other))
                    }
                })
            };
            with(Truth::Yes) != with(Truth::No)
        })
    }

    /// The layers to name where the request is denied: gates that do not allow, and those of the usual way; or of another way, if
    /// its first layer allows and fewer of its layers do not.
    pub(super) fn closed(&self, value: &impl Fn(usize) -> Truth) -> Vec<usize> {
        let closed = |way: &Way| -> Vec<usize> {
            let parts = way.parts.iter().filter(|part| !part.soft);
            let parts = parts.map(|part| part.layer);
            parts.filter(|layer| value(*layer) == Truth::No).collect()
        };
        let allows = |way: &&Way| {
            let first = way.parts.first();
            first.is_some_and(|part| value(part.layer) != Truth::No)
        };
        let usual = self.ways.first().into_iter();
        let begun = self.ways.iter().skip(1).filter(allows);
        let of_way = usual.chain(begun).map(closed).min_by_key(Vec::len);
        let gates = (0..self.layers).filter(|layer| self.is_gate(*layer));
        let mut closed: Vec<usize> = gates.filter(|layer| value(*layer) == Truth::No).collect();
        closed.extend(of_way.unwrap_or_default());
        closed.sort_unstable();
        closed
    }

    /// The first way that allows at least this surely.
    pub(super) fn first_with(&self, least: Truth, value: &impl Fn(usize) -> Truth) -> Option<&Way> {
        self.ways.iter().find(|way| way.truth(value) >= least)
    }
}

fn worst(truth: Truth) -> Truth {
    if truth == Truth::Yes {
        truth
    } else {
        Truth::No
    }
}

fn best(truth: Truth) -> Truth {
    if truth == Truth::No {
        truth
    } else {
        Truth::Yes
    }
}
