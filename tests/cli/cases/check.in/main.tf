resource "aws_iam_role" "copy" {
  name = "copy"
}
