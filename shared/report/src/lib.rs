//! Reports: assessments and findings as bytes, one module per format.
