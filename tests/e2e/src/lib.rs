//! What the tests of the deployed thing share: tools from PyPI, the transformed template, servers that stand in for AWS.
//!
//! Nothing here asserts what permdrift should do; that is in the tests that use it (`tests/` of this package, and those
//! that `functions/sweep` runs because they need its binary).

pub mod asl;
pub mod bridge;
pub mod browser;
pub mod http;
pub mod hub;
pub mod lambda;
pub mod organizations;
pub mod proxy;
pub mod rig;
pub mod server;
pub mod stack;
pub mod standin;
pub mod template;
pub mod tools;
pub mod watched;
