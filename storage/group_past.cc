#include "storage/group_past.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "proto/tag_key.h"

namespace tagswell {
namespace {

// The blocks before `before` that hold a post with a tag of the group, ascending.
std::expected<std::vector<BlockSeq>, Error> BlocksWithTags(const PostIndex& index, std::string_view topic,
                                                           const AliasGroup& group, BlockSeq before) {
  std::vector<std::string> tags{std::string(topic)};
  for (const std::string& tag : group.tags) tags.push_back(TagKey(tag));
  std::vector<BlockSeq> blocks;
  for (const std::string& tag : tags) {
    const auto positions = index.PostsOf(tag, {.block = before, .index = 0}, std::numeric_limits<std::size_t>::max());
    if (!positions) return std::unexpected(positions.error());
    for (const Position position : *positions) {
      if (blocks.empty() || blocks.back() != position.block) blocks.push_back(position.block);
    }
  }
  std::ranges::sort(blocks);
  const auto repeated = std::ranges::unique(blocks);
  blocks.erase(repeated.begin(), repeated.end());
  return blocks;
}

}  // namespace

std::expected<void, Error> EachPastPost(const PostLog& log, const PostIndex& index, const AliasGroups& group,
                                        BlockSeq before,
                                        const std::function<void(const Record& record, Position position)>& visit) {
  const auto& [topic, words] = *group.all().begin();
  // A post that was taken back behind `before` is there still: the fold will come to its retraction.
  const auto pending = log.PendingErasures();
  if (!pending) return std::unexpected(pending.error());
  std::map<Position, BlockSeq> taken_back;
  for (const PendingErasure& of : *pending) taken_back.emplace(of.post, of.retraction.block);

  Record record;
  std::expected<void, Error> result;
  const auto visit_block = [&](const LogBlock& block) {
    for (std::uint32_t i = 0; i < block.size(); ++i) {
      if (auto decoded = DecodeRecord(block.RecordAt(i), record); !decoded) {
        result = std::unexpected(decoded.error());
        return false;
      }
      if (record.kind != RecordKind::kPost) continue;
      group.Extend(record.post);
      std::vector<Mention>& mentions = record.post.mentions;
      if (mentions.empty() || mentions.back().topic != words.key) continue;
      const Position position{.block = block.seq, .index = i};
      const auto gone = taken_back.find(position);
      if (gone != taken_back.end() && gone->second < before) continue;
      mentions.erase(mentions.begin(), mentions.end() - 1);
      visit(record, position);
    }
    return true;
  };
  if (!words.phrases.empty()) {
    const auto read =
        log.Read(BlockSeq{1}, [&](const LogBlock& block) { return block.seq < before && visit_block(block); });
    return read ? result : read;
  }
  const auto blocks = BlocksWithTags(index, topic, words, before);
  if (!blocks) return std::unexpected(blocks.error());
  for (const BlockSeq seq : *blocks) {
    const auto block = log.Block(seq);
    if (!block) return std::unexpected(block.error());
    if (!visit_block(**block)) return result;
  }
  return result;
}

}  // namespace tagswell
