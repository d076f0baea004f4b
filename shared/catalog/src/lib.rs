//! The catalog: which actions does each Veeam operation need?
