#include "proto/html_text.h"

#include <gtest/gtest.h>

#include <string>

#include "proto/utf8.h"

namespace tagswell {
namespace {

std::string TextOf(std::string_view html) {
  std::string text;
  AppendHtmlText(html, text);
  EXPECT_TRUE(IsValidUtf8(text));
  return text;
}

std::string Unescaped(std::string_view text) {
  std::string out;
  AppendUnescapedText(text, out);
  return out;
}

TEST(HtmlText, ShowsWhatPeopleSee) {
  EXPECT_EQ(TextOf(""), "");
  EXPECT_EQ(TextOf("plain"), "plain");
  EXPECT_EQ(TextOf("<p>one <b>two</b>three</p>"), "one twothree");
  EXPECT_EQ(TextOf("<p>a</p><p>b<br>c<br/>d</p>"), "a\n\nb\nc\nd");
  EXPECT_EQ(TextOf("<ul><li>a</li><li>b</li></ul>c"), "a\nb\nc");
  EXPECT_EQ(TextOf("  a \n\t b  "), "a b");
  EXPECT_EQ(TextOf("a<!-- <p>no</p> -->b"), "ab");
  EXPECT_EQ(TextOf("a<script>if (1 < 2) x();</script><STYLE>p{}</style >b"), "ab");
}

TEST(HtmlText, KeepsTheHashtagsAndLinksOfMastodon) {
  EXPECT_EQ(
      TextOf(R"(<p>I <a href="https://x/tags/Rain" class="mention hashtag" rel="tag">#<span>Rain</span></a>!</p>)"),
      "I #Rain!");
  EXPECT_EQ(TextOf(R"(<a href="https://a.b/c"><span class="invisible">https://</span><span>a.b</span>)"
                   R"(<span class="invisible">/c</span></a>)"),
            "https://a.b/c");
}

TEST(HtmlText, ResolvesCharacterReferences) {
  EXPECT_EQ(TextOf("&lt;b&gt; &amp;amp; &quot;&#39;&#x1F600;&apos;"), "<b> &amp; \"'😀'");
  EXPECT_EQ(TextOf("&nosuch; & &; &#; &#x; &#xZ; &#12a;"), "&nosuch; & &; &#; &#x; &#xZ; &#12a;");
  EXPECT_EQ(TextOf("&#0;&#xD800;&#x110000;&#99999999;"), "\uFFFD\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(Unescaped("a &amp; b &lt;p&gt;\n  c"), "a & b <p>\n  c");
  EXPECT_EQ(Unescaped("&&amp;&"), "&&&");
}

TEST(HtmlText, TakesWhatIsNoMarkupForText) {
  EXPECT_EQ(TextOf("1 < 2 <3 a<"), "1 < 2 <3 a<");
  EXPECT_EQ(TextOf(R"(<a title="x > y">z</a>)"), "z");
  EXPECT_EQ(TextOf("a<b"), "a");  // a tag without an end takes the rest, as in a browser
  EXPECT_EQ(TextOf("a<!-- b"), "a");
  EXPECT_EQ(TextOf("a<script>b"), "a");
}

TEST(HtmlText, AppendsBehindWhatIsThere) {
  std::string text = "before: ";
  AppendHtmlText("<p>a</p>", text);
  EXPECT_EQ(text, "before: a");
}

// A sender who wants it to be slow: each of these is looked at once.
TEST(HtmlText, IsLinearInItsSize) {
  for (const std::string piece : {"<a ", "<a \"", "<!--", "&", "&#", "<script>", "</", "<"}) {
    std::string html;
    while (html.size() < (4U << 20)) html += piece;
    TextOf(html);
  }
}

}  // namespace
}  // namespace tagswell
