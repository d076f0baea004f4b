//! permdrift's own JSON documents, one module each; the schemas are in `docs/schemas`.

pub mod assessment;
pub mod catalog;
pub mod check;
pub mod drift;
pub(crate) mod layers;
pub mod upgrade;
