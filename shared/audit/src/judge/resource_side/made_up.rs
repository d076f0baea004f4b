//! Made-up resources: which ARN of a form does no policy name?

use catalog::{id_prefix, usual_folder};

/// An ARN of a form, with variables in `${…}`, that no policy names.
pub(super) fn made_up(form: &str, partition: &str, region: &str, account: &str) -> String {
    let mut parts = form.split("${");
    let mut arn = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').unwrap_or((part, ""));
        match variable {
            "Partition" => arn.push_str(partition),
            "Region" => arn.push_str(region),
            "Account" => arn.push_str(account),
            variable => {
                arn.push_str(id_prefix(form, variable));
                arn.push_str(usual_folder(form, variable));
                arn.push_str("permdrift");
            }
        }
        arn.push_str(rest);
    }
    arn
}
