#include "proto/alias_groups.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tagswell {
namespace {

AliasChange Group(std::string_view topic, std::vector<std::string_view> tags,
                  std::vector<std::string_view> phrases = {}) {
  return {.topic = topic, .tags = std::move(tags), .phrases = std::move(phrases), .at = Timestamp{}, .by = "ops"};
}

Post Tagged(std::vector<std::string_view> tags, std::string_view text = "") {
  Post post{.id = "1", .source = "test", .author = "a", .created_at = Timestamp{}, .text = text};
  for (const std::string_view tag : tags) post.mentions.push_back({.topic = tag, .spelling = tag});
  return post;
}

std::vector<std::string> TopicsOf(const Post& post) {
  std::vector<std::string> topics;
  for (const Mention& mention : post.mentions) topics.emplace_back(mention.topic);
  return topics;
}

std::vector<std::string> Shown(const AliasGroups& groups, Post post) {
  groups.Extend(post);
  groups.Show(post);
  return TopicsOf(post);
}

using Topics = std::vector<std::string>;

TEST(AliasGroups, CountAGroupBesideItsMembers) {
  AliasGroups groups;
  groups.Apply(Group("metoo", {"YoTambien"}), 7);
  Post post = Tagged({"rain", "yotambien", "metoo"});
  groups.Extend(post);
  EXPECT_EQ(TopicsOf(post), (Topics{"rain", "yotambien", "metoo", GroupKey("metoo", 7)}));
  EXPECT_EQ(post.mentions.back().spelling, "yotambien");
  groups.Show(post);
  EXPECT_EQ(TopicsOf(post), (Topics{"rain", "metoo"}));
}

TEST(AliasGroups, FindPhrasesAsWholeWordsOnceAPost) {
  AliasGroups groups;
  groups.Apply(Group("metoo", {}, {"Me Too"}), 1);
  EXPECT_EQ(Shown(groups, Tagged({}, "oh ME  too, and me too")), Topics{"metoo"});
  EXPECT_EQ(Shown(groups, Tagged({}, "name tool")), Topics{});
  EXPECT_EQ(Shown(groups, Tagged({"metoo"}, "me too")), Topics{"metoo"});
}

TEST(AliasGroups, AreAsIfTheyHadNeverBeenOnceTheyAreGone) {
  AliasGroups groups;
  groups.Apply(Group("metoo", {"yotambien"}, {"me too"}), 1);
  groups.Apply({.topic = "metoo", .removed = true, .at = Timestamp{}, .by = ""}, 2);
  EXPECT_TRUE(groups.empty());
  EXPECT_EQ(Shown(groups, Tagged({"yotambien"}, "me too")), Topics{"yotambien"});
  EXPECT_TRUE(groups.Shows("yotambien"));
  EXPECT_FALSE(groups.Shows(GroupKey("metoo", 1)));
}

TEST(AliasGroups, CountAGroupThatChangesUnderAnotherKey) {
  AliasGroups groups;
  groups.Apply(Group("metoo", {"yotambien"}), 1);
  groups.Apply(Group("metoo", {"moiaussi"}), 2);
  EXPECT_EQ(groups.KeyOf("moiaussi"), GroupKey("metoo", 2));
  EXPECT_EQ(groups.KeyOf("metoo"), GroupKey("metoo", 2));
  EXPECT_EQ(groups.KeyOf("yotambien"), "yotambien");
  EXPECT_FALSE(groups.Shows(GroupKey("metoo", 1)));
  EXPECT_TRUE(groups.Shows(GroupKey("metoo", 2)));
  EXPECT_EQ(groups.GroupOf("yotambien"), nullptr);
}

TEST(AliasGroups, AreCopiedWhole) {
  AliasGroups copy;
  {
    AliasGroups groups;
    groups.Apply(Group("metoo", {"yotambien"}, {"me too"}), 1);
    copy = groups;
  }
  EXPECT_EQ(Shown(copy, Tagged({"yotambien"}, "")), Topics{"metoo"});
  EXPECT_EQ(Shown(copy, Tagged({}, "me too")), Topics{"metoo"});
}

TEST(AliasGroups, ShowAKeyByItsTopic) {
  EXPECT_EQ(ShownTopic(GroupKey("météo", 0xFFFF'FFFF'FFFF'FFFF)), "météo");
  EXPECT_EQ(ShownTopic("rain"), "rain");
  EXPECT_FALSE(IsGroupKey("rain"));
}

}  // namespace
}  // namespace tagswell
