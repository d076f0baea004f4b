//! Escalation: which actions together let a principal make itself more than it is?
//!
//! Each way is known from public research on IAM; the words are ours. An action counts where it is allowed on everything:
//! to pass one role or to change one function may be just what a principal is for.

/// Actions that together lead further than each alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Way {
    /// All of them are needed.
    pub actions: &'static [&'static str],
    /// What can be done with them, as a fragment without a subject.
    pub words: &'static str,
}

const fn way(actions: &'static [&'static str], words: &'static str) -> Way {
    Way { actions, words }
}

/// The ways that are known, from the shortest to the longest.
pub const WAYS: [Way; 31] = [
    way(
        &["iam:CreatePolicyVersion"],
        "rewrites a policy that it holds",
    ),
    way(
        &["iam:SetDefaultPolicyVersion"],
        "brings an older, wider version of a policy back into force",
    ),
    way(&["iam:AttachUserPolicy"], "attaches any policy to any user"),
    way(
        &["iam:AttachGroupPolicy"],
        "attaches any policy to any group",
    ),
    way(&["iam:AttachRolePolicy"], "attaches any policy to any role"),
    way(&["iam:PutUserPolicy"], "writes any policy into any user"),
    way(&["iam:PutGroupPolicy"], "writes any policy into any group"),
    way(&["iam:PutRolePolicy"], "writes any policy into any role"),
    way(&["iam:AddUserToGroup"], "puts any user into any group"),
    way(
        &["iam:CreateAccessKey"],
        "makes access keys for other users",
    ),
    way(&["iam:CreateLoginProfile"], "gives other users a password"),
    way(
        &["iam:UpdateLoginProfile"],
        "changes the passwords of other users",
    ),
    way(
        &["iam:DeleteRolePermissionsBoundary"],
        "takes the boundary off a role",
    ),
    way(
        &["iam:PutRolePermissionsBoundary"],
        "gives a role a wider boundary",
    ),
    way(
        &["iam:DeleteUserPermissionsBoundary"],
        "takes the boundary off a user",
    ),
    way(
        &["iam:PutUserPermissionsBoundary"],
        "gives a user a wider boundary",
    ),
    way(
        &["sts:AssumeRole"],
        "takes on every role that trusts its account",
    ),
    way(
        &["lambda:UpdateFunctionCode"],
        "runs code of its own with the role of any function",
    ),
    way(
        &["ssm:SendCommand"],
        "runs commands with the role of any managed instance",
    ),
    way(
        &["ssm:StartSession"],
        "opens a shell with the role of any managed instance",
    ),
    way(
        &["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"],
        "lets itself into any role",
    ),
    way(
        &["iam:PassRole", "ec2:RunInstances"],
        "starts an instance with any role",
    ),
    way(
        &["iam:PassRole", "ec2:AssociateIamInstanceProfile"],
        "gives a running instance another role",
    ),
    way(
        &["iam:PassRole", "cloudformation:CreateStack"],
        "has a stack made with any role",
    ),
    way(
        &["iam:PassRole", "glue:CreateDevEndpoint"],
        "opens a Glue endpoint with any role",
    ),
    way(
        &[
            "iam:PassRole",
            "lambda:CreateFunction",
            "lambda:InvokeFunction",
        ],
        "runs a function with any role",
    ),
    way(
        &[
            "iam:PassRole",
            "lambda:CreateFunction",
            "lambda:CreateEventSourceMapping",
        ],
        "has a function with any role called by events",
    ),
    way(
        &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
        "runs a container with any role",
    ),
    way(
        &[
            "iam:PassRole",
            "codebuild:CreateProject",
            "codebuild:StartBuild",
        ],
        "runs a build with any role",
    ),
    way(
        &[
            "iam:PassRole",
            "datapipeline:CreatePipeline",
            "datapipeline:PutPipelineDefinition",
        ],
        "runs a pipeline with any role",
    ),
    way(
        &[
            "iam:PassRole",
            "sagemaker:CreateNotebookInstance",
            "sagemaker:CreatePresignedNotebookInstanceUrl",
        ],
        "opens a notebook with any role",
    ),
];
