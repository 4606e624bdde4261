#include "storage/log_check.h"

#include <algorithm>
#include <utility>

#include "storage/block_format.h"
#include "storage/history_state.h"
#include "storage/meta_keys.h"

namespace tagswell {

void LogCheck::Stretches() {
  auto stretches = StretchFiles(database_).Load(start_.stretch);
  if (!stretches) return Damage("ids: " + stretches.error().detail);
  stretches_ = std::move(*stretches);
  BlockSeq expected = start_.block;
  for (const Stretch& stretch : stretches_) {
    if (stretch.first != expected || stretch.last < stretch.first) {
      Damage("ids: stretch " + std::to_string(stretch.number) + " does not follow the one before");
    }
    expected = Next(stretch.last);
  }
  Fact("index         " + std::to_string(stretches_.size()) + " stretches, up to block " +
       Number(stretches_.empty() ? BlockSeq{0} : stretches_.back().last));
}

// What was dropped left the blocks behind that say what operators decided.
void LogCheck::Start() {
  const auto start = LogStart::Load(database_);
  if (!start) return Damage("log: " + start.error().detail);
  start_ = *start;
  last_ = BlockSeq{static_cast<std::uint64_t>(start_.block) - 1};
  if (start_.newest_dropped != kTimestampMin) whole_from_hour_ = HourOf(MinuteOf(start_.newest_dropped)) + 1;
  const auto history = database_.Get(Family::kMeta, kHistoryStartKey);
  if (!history) return Damage("history: " + history.error().detail);
  if (*history && (*history)->size() != sizeof(whole_from_hour_)) return Damage("history: its start is none");
  if (*history) whole_from_hour_ = std::max(whole_from_hour_, LoadBig<std::uint32_t>(**history));
  const std::string prefix(1, kOperationsPrefix);
  bool behind = false;
  EachRow(database_, result_, Family::kMeta, prefix, "meta",
          [&](std::string_view key, std::string_view value) -> std::string {
            behind = behind || !key.starts_with(prefix);
            if (behind) return "";
            if (key.size() != prefix.size() + sizeof(BlockSeq)) return "a kept block has no number";
            const BlockSeq seq{LoadBig<std::uint64_t>(key.substr(prefix.size()))};
            if (seq >= start_.block) return "block " + Number(seq) + " is kept twice";
            const auto block = DecodeBlock(seq, value);
            return block ? "" : block.error().detail;
          });
  if (start_.block != BlockSeq{1}) Fact("dropped       blocks before " + Number(start_.block));
}

void LogCheck::Run() {
  Start();
  Stretches();
  const auto position = database_.Get(Family::kHistory, PositionName());
  if (!position) return Damage("history: " + position.error().detail);
  if (*position && (*position)->size() != sizeof(BlockSeq)) return Damage("history: its position is none");
  if (*position) history_upto_ = BlockSeq{LoadBig<std::uint64_t>(**position)};
  LoadIndexOf(0);
  // What stands before it is of files that were not yet removed.
  EachRow(database_, result_, Family::kLog, BlockKey(start_.block), "log",
          [this](std::string_view key, std::string_view value) { return Block(key, value); });
  if (stretch_ < stretches_.size()) EndStretch();
  const BlockSeq covered = std::max(history_upto_, stretches_.empty() ? BlockSeq{0} : stretches_.back().last);
  if (covered > last_) {
    Damage("log: it ends with block " + Number(last_) + ", and index or history hold block " + Number(covered));
  }
  Fact("log           blocks up to " + Number(last_) + ", " + std::to_string(posts_) + " posts accepted");
}

std::string LogCheck::Block(std::string_view key, std::string_view value) {
  if (key.size() != sizeof(BlockSeq)) return "a key is no block number";
  const BlockSeq seq{LoadBig<std::uint64_t>(key)};
  if (seq != Next(last_)) {
    const BlockSeq missing = Next(last_);
    last_ = seq;
    return "block " + Number(missing) + " is missing";
  }
  last_ = seq;
  if (static_cast<std::uint64_t>(seq) % 1'000 == 0) progress_("block " + Number(seq));
  const auto header = DecodeBlockHeader(seq, value);
  if (!header) return header.error().detail;
  const auto block = DecodeBlock(seq, value);
  if (!block) return block.error().detail;
  if (seq == start_.block && seq != BlockSeq{1}) posts_ = header->posts_before;
  if (header->posts_before != posts_) return "block " + Number(seq) + " does not count the posts before it";
  posts_ += header->posts;
  for (std::uint32_t i = 0; i < block->size(); ++i) {
    if (auto size = DecodeRecord(block->RecordAt(i), record_); !size) {
      return "block " + Number(seq) + ": " + size.error().detail;
    }
    Count(seq, i);
  }
  if (stretch_ < stretches_.size() && seq == stretches_[stretch_].last) {
    EndStretch();
    LoadIndexOf(stretch_ + 1);
  }
  return "";
}

void LogCheck::Count(BlockSeq seq, std::uint32_t index) {
  if (record_.kind != RecordKind::kPost && record_.kind != RecordKind::kRetraction) return;
  const auto mentions = static_cast<std::int64_t>(record_.post.mentions.size());
  if (seq <= history_upto_ && HourOf(MinuteOf(record_.post.created_at)) >= whole_from_hour_)
    mentions_ += record_.kind == RecordKind::kPost ? mentions : -mentions;
  if (record_.kind != RecordKind::kPost || stretch_ >= stretches_.size()) return;
  const Position origin{.block = stretches_[stretch_].first, .index = 0};
  expected_.push_back({.key = ShortKey::Of(KeyOf(record_.post.source, record_.post.id, salt_)),
                       .offset = Pack({.block = seq, .index = index}) - Pack(origin)});
}

void LogCheck::LoadIndexOf(std::size_t stretch) {
  stretch_ = stretch;
  indexed_.clear();
  expected_.clear();
  if (stretch >= stretches_.size()) return;
  std::string prefix;
  AppendBig(stretches_[stretch].number, prefix);
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kIds)));
  std::vector<KeyEntry> page;
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    if (it->key().size() == prefix.size()) continue;
    if (!DecodeKeyPage(AsView(it->value()), page)) return Damage("ids: a page is damaged");
    indexed_.insert(indexed_.end(), page.begin(), page.end());
  }
  if (!it->status().ok()) Damage("ids: " + it->status().ToString());
}

// A key may stand in the log twice, when the first post was taken back: the index knows the newer one.
void LogCheck::EndStretch() {
  std::size_t missing = 0;
  const auto by_key = [](const KeyEntry& entry) { return entry.key; };
  for (const KeyEntry& entry : expected_) {
    const auto found = std::ranges::lower_bound(indexed_, entry.key, {}, by_key);
    if (found == indexed_.end() || found->key != entry.key || found->offset < entry.offset) ++missing;
  }
  // Posts that were taken back leave no entry behind when that came before the stretch was closed.
  std::size_t retracted = 0;
  if (missing > 0) {
    EachRow(database_, result_, Family::kMeta, std::string(1, kRetractedPrefix), "meta",
            [&](std::string_view key, std::string_view) {
              if (key.starts_with(kRetractedPrefix)) ++retracted;
              return std::string();
            });
  }
  if (missing > retracted) {
    Damage("ids: stretch " + std::to_string(stretch_) + " lacks " + std::to_string(missing) + " posts of the log");
  }
  stretch_ = stretches_.size();
}

}  // namespace tagswell
