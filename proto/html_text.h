// From the HTML that platforms send to the text that people see.
#pragma once

#include <string>
#include <string_view>

namespace tagswell {

// Appends the text of an HTML fragment: tags and comments go, with all of <script> and <style>; line breaks and blocks
// become newlines, paragraphs stand apart by an empty line, other white space is one space; character references are
// characters. Never fails: what is no markup is text. Valid UTF-8 in, valid UTF-8 out. O(size).
void AppendHtmlText(std::string_view html, std::string& out);

// Appends `text` with its character references resolved: decimal, hexadecimal, and the names that are in use in posts.
// Others stay as they are. O(size).
void AppendUnescapedText(std::string_view text, std::string& out);

}  // namespace tagswell
