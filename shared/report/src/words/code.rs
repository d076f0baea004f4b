//! Finding codes as text: what does a code mean, and where to look first?
//!
//! A short form of `docs/findings.md`, for formats that contain the description of each code.

use audit::Code;

/// What one code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeWords {
    /// A few words.
    pub name: &'static str,
    /// What it says about a principal or account.
    pub meaning: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// What a code means.
#[must_use]
pub fn words(code: Code) -> CodeWords {
    match code {
        Code::MissingActions => CodeWords {
            name: "Needed actions are denied",
            meaning: "The principal is denied actions that a Veeam operation needs, so the operation fails.",
            help: "The finding names the layer that denies and, where known, the statement. Where nothing in the identity policies allows the actions, add them there. Where a permissions boundary or an SCP stands in the way, only its owner can help: a wider identity policy changes nothing.",
        },
        Code::MissingTrust => CodeWords {
            name: "Trust is missing",
            meaning: "The trust policy of the role does not allow sts:AssumeRole to a service, account or principal that needs it.",
            help: "Add them to the trust policy of the role, with sts:AssumeRole.",
        },
        Code::MissingInstanceProfile => CodeWords {
            name: "No instance profile",
            meaning: "The role is in no instance profile, so no EC2 instance can take it.",
            help: "Create an instance profile and put the role in it.",
        },
        Code::AccessKey => CodeWords {
            name: "Access keys need care",
            meaning: "The user has no usable access key, or keys that are old or that nobody misses.",
            help: "Keep exactly one active key for each user, change it in time, and delete the others once they are unused.",
        },
        Code::KeyState => CodeWords {
            name: "A KMS key cannot be used",
            meaning: "A KMS key is disabled, is to be deleted, or is of a kind or region that Veeam cannot use.",
            help: "Whoever owns the key can enable it, cancel its deletion, or name another key for Veeam. What a deleted key encrypted is lost.",
        },
        Code::ResourceSettings => CodeWords {
            name: "A resource is not set as needed",
            meaning: "A bucket, a backup vault, a region or a VPC endpoint is not set as the operation needs it.",
            help: "Whoever owns the resource can change the setting that the finding names, or Veeam can be given another resource.",
        },
        Code::UnknownActionSet => CodeWords {
            name: "A tag or binding cannot be followed",
            meaning: "A tag or a binding in the settings names an action set that does not exist, or is wrong in another way.",
            help: "Correct the tag or the binding. `permdrift catalog list` prints the action sets.",
        },
        Code::AllowedOnlyOn => CodeWords {
            name: "Allowed on some resources only",
            meaning: "No scope was declared, and the policies allow the actions on narrower resources than all.",
            help: "Nothing breaks if these resources are all that Veeam uses. Declare them as scope, so that they are checked.",
        },
        Code::ExcessAccess => CodeWords {
            name: "More access than needed",
            meaning: "The principal can do more than its action sets need.",
            help: "Take away what is not needed, or accept it knowingly.",
        },
        Code::Coverage => CodeWords {
            name: "Less was looked at than should be",
            meaning: "A principal that should be checked was not, or the listing is incomplete.",
            help: "Tag or bind the principal; give the audit all pages of the listing and the permissions to read them.",
        },
        Code::ChangesNotArriving => CodeWords {
            name: "Changes do not arrive",
            meaning: "Something was changed, and its trail event never reached the stack, so changes are found by scheduled audits only.",
            help: "See that a trail records management events in that region, and that its events reach the stack.",
        },
        Code::ChangeNotFollowed => CodeWords {
            name: "A change could not be followed",
            meaning: "A trail event could not be read or lacks what says whom it touched. The next scheduled audit looks at everybody.",
            help: "Nothing is to be done. If it comes again, report the call and the field that is named.",
        },
        Code::Undetermined => CodeWords {
            name: "It could not be known",
            meaning: "Something that decides was not known: a context key, an unreadable policy, a simulator without an answer.",
            help: "Give the missing context in the settings, mend the policy, or run the audit again. Until then this counts neither as compliant nor as drift.",
        },
        Code::AuditFailed => CodeWords {
            name: "The audit did not work",
            meaning: "The audit could not be done, so nobody would be told of drift.",
            help: "Repair what stopped the audit, then run it again.",
        },
    }
}
