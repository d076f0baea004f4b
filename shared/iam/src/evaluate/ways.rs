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

/// What a layer can say, at worst and at best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    pub(super) worst: Truth,
    pub(super) best: Truth,
}

impl Reach {
    /// What is said in any case, and where that is unclear, either.
    pub(super) fn of(truth: Truth) -> Self {
        match truth {
            Truth::Unclear => Self {
                worst: Truth::No,
                best: Truth::Yes,
            },
            settled => Self {
                worst: settled,
                best: settled,
            },
        }
    }

    /// One layer or the other allows.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            worst: self.worst.or(other.worst),
            best: self.best.or(other.best),
        }
    }

    pub(super) fn is_open(self) -> bool {
        self.worst != self.best
    }
}

impl Way {
    fn truth(&self, value: &impl Fn(usize) -> Truth) -> Truth {
        let truth = |part: &Part| match value(part.layer) {
            Truth::No if part.soft => Truth::Unclear,
            other => other,
        };
        self.parts.iter().map(truth).min().unwrap_or(Truth::No)
    }

    fn soft(&self) -> impl Iterator<Item = usize> {
        let soft = self.parts.iter().filter(|part| part.soft);
        soft.map(|part| part.layer)
    }

    fn has(&self, layer: usize) -> bool {
        self.parts.iter().any(|part| part.layer == layer)
    }
}

impl Ways {
    fn is_gate(&self, layer: usize) -> bool {
        !self.ways.iter().any(|way| way.has(layer))
    }

    /// The layers that must allow, whatever the way.
    pub(super) fn gates(&self) -> impl Iterator<Item = usize> {
        (0..self.layers).filter(|layer| self.is_gate(*layer))
    }

    /// Whether the request gets through, if each layer says so.
    pub(super) fn truth(&self, value: &impl Fn(usize) -> Truth) -> Truth {
        let gates = self.gates().map(value).min().unwrap_or(Truth::Yes);
        let ways = self.ways.iter().map(|way| way.truth(value)).max();
        gates.and(ways.unwrap_or(Truth::No))
    }

    /// Whether the request gets through at worst and at best.
    pub(super) fn reach(&self, reach: &impl Fn(usize) -> Reach) -> Reach {
        Reach {
            worst: self.truth(&|layer| reach(layer).worst),
            best: self.truth(&|layer| reach(layer).best),
        }
    }

    /// Whether it can make a difference what a layer turns out to say.
    pub(super) fn matters(&self, layer: usize, reach: &impl Fn(usize) -> Reach) -> bool {
        let own = reach(layer);
        // Each way by itself: its layers and the gates at their best, the others at their worst. Its soft layers either way.
        own.is_open()
            && self.ways.iter().any(|way| {
                if !self.is_gate(layer) && !way.has(layer) {
                    return false;
                }
                let soft: Vec<usize> = way.soft().collect();
                (0..1_u32 << soft.len()).any(|choice| {
                    let is_worst = |other: usize| match soft.iter().position(|soft| *soft == other)
                    {
                        Some(bit) => choice >> bit & 1 == 1,
                        None => !way.has(other) && !self.is_gate(other),
                    };
                    let with = |own: Truth| {
                        self.truth(&|other| {
                            if other == layer {
                                own
                            } else if is_worst(other) {
                                reach(other).worst
                            } else {
                                reach(other).best
                            }
                        })
                    };
                    with(own.best) != with(own.worst)
                })
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
        let mut closed: Vec<usize> = self
            .gates()
            .filter(|layer| value(*layer) == Truth::No)
            .collect();
        closed.extend(of_way.unwrap_or_default());
        closed.sort_unstable();
        closed
    }

    /// The first way that allows at least this surely.
    pub(super) fn first_with(&self, least: Truth, value: &impl Fn(usize) -> Truth) -> Option<&Way> {
        self.ways.iter().find(|way| way.truth(value) >= least)
    }
}
