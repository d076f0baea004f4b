//! Shares: how is work on many principals divided among the processor's cores?

use std::num::NonZero;
use std::thread;

/// A thread for fewer principals would cost more than it saves: each compiles the policies for itself.
const LEAST: usize = 1_000;

/// How many of `count` principals one core takes.
pub(crate) fn share(count: usize) -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    count.div_ceil(cores).max(LEAST)
}
