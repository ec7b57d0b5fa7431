"""What stands where something was deleted because its term was over."""

GONE = "（已过保存期限，内容已删去）"
