"""What is sent to harm: pictures, workbooks, texts, pages and every endpoint, within bounds."""
