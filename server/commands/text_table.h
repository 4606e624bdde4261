// Rows of text in aligned columns, for a terminal.
#pragma once

#include <string>
#include <vector>

namespace tagswell {

class TextTable {
 public:
  struct Column {
    std::string title;
    bool numbers = false;  // aligned to the right
  };

  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell a column, valid UTF-8; control characters are left out.
  void AddRow(std::vector<std::string> cells);

  // All lines, the titles first, each with its newline.
  std::string Text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tagswell
