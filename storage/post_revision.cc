// What takes stored posts back: the part of PostLog behind Revise and AppendRetraction.
#include <algorithm>
#include <set>
#include <utility>

#include "storage/post_log.h"
#include "storage/post_log_state.h"

namespace tagswell {

void LeavingPosts::Add(const StoredPost& post, const PostKey& key) {
  EncodeRecord(RecordKind::kRetraction, post.record.post, records);
  ends.push_back(static_cast<std::uint32_t>(records.size()));
  positions.push_back(post.position);
  keys.push_back(key);
}

std::vector<Position> LeavingPosts::Sorted() const {
  std::vector<Position> sorted = positions;
  std::ranges::sort(sorted);
  return sorted;
}

namespace {

// One batch on its way into the log, as blocks. A post that the batch itself brought can only be taken back once it
// stands in a block: what comes before such a change is committed first.
class Revision {
 public:
  using Commit = std::function<std::expected<Appended, Error>(const PostBatch&, const LeavingPosts&)>;

  Revision(const PostLog& log, const PostBatch& batch, Commit commit)
      : log_(log), batch_(batch), commit_(std::move(commit)) {}

  std::expected<Revised, Error> Run() {
    auto change = batch_.changes.begin();
    for (std::uint32_t at = 0; at <= batch_.size(); ++at) {
      is_old_ = false;
      for (; change != batch_.changes.end() && change->at == at; ++change) {
        if (auto applied = Apply(*change); !applied) return std::unexpected(applied.error());
      }
      if (at == batch_.size()) break;
      if (is_old_) {
        revised_.duplicates.push_back(at);
      } else {
        AddPost(at);
      }
    }
    if (auto flushed = Flush(); !flushed) return std::unexpected(flushed.error());
    std::ranges::sort(revised_.duplicates);
    return std::move(revised_);
  }

 private:
  // The stored post of that key, unless it is leaving. Flushes first where the key is among the posts at hand.
  std::expected<std::optional<StoredPost>, Error> Find(const PostKey& key) {
    if (added_.contains(key)) {
      if (auto flushed = Flush(); !flushed) return std::unexpected(flushed.error());
    }
    auto found = log_.Find(key);
    if (found && *found && gone_.contains((*found)->position)) return std::nullopt;
    return found;
  }

  std::expected<void, Error> Apply(const BatchChange& change) {
    using enum BatchChange::Kind;
    const auto found = Find(change.key);
    if (!found) return std::unexpected(found.error());
    if (!*found) {
      if (change.kind == kDelete) ++revised_.unknown;
      return {};
    }
    const StoredPost& post = **found;
    if (change.kind == kYield ||
        (change.kind == kReplace && post.block->RecordAt(post.position.index) == batch_.RecordAt(change.at))) {
      is_old_ = true;
      return {};
    }
    leaving_.Add(post, change.key);
    gone_.insert(post.position);
    ++revised_.retracted;
    return {};
  }

  void AddPost(std::uint32_t at) {
    posts_.records.append(batch_.RecordAt(at));
    posts_.ends.push_back(static_cast<std::uint32_t>(posts_.records.size()));
    posts_.keys.push_back(batch_.keys[at]);
    places_.push_back(at);
    added_.insert(batch_.keys[at]);
  }

  std::expected<void, Error> Flush() {
    if (posts_.empty() && leaving_.keys.empty()) return {};
    auto appended = commit_(posts_, leaving_);
    if (!appended) return std::unexpected(appended.error());
    for (const std::uint32_t i : appended->duplicates.front()) revised_.duplicates.push_back(places_[i]);
    if (appended->block != nullptr) revised_.blocks.push_back(std::move(appended->block));
    posts_ = {};
    leaving_ = {};
    places_.clear();
    added_.clear();
    gone_.clear();
    return {};
  }

  const PostLog& log_;
  const PostBatch& batch_;
  const Commit commit_;
  Revised revised_;
  bool is_old_ = false;  // the post whose changes are applied is a duplicate

  // Of the next block.
  LeavingPosts leaving_;
  std::set<Position> gone_;
  PostBatch posts_;
  std::vector<std::uint32_t> places_;  // of posts_ in the batch
  std::set<PostKey> added_;
};

}  // namespace

std::expected<Revised, Error> PostLog::Revise(const PostBatch& batch, Timestamp clock) {
  return Revision(*this, batch,
                  [this, clock](const PostBatch& posts, const LeavingPosts& leaving) {
                    const PostBatch* const one = &posts;
                    return state_->CommitBatches(std::span(&one, 1), leaving, clock);
                  })
      .Run();
}

std::expected<std::shared_ptr<const LogBlock>, Error> PostLog::AppendRetraction(Position position, Timestamp clock) {
  const auto post = At(position);
  if (!post) return std::unexpected(post.error());
  if (!*post) return std::unexpected(Error{.code = "not_found", .detail = "no post stands there"});
  const Post& gone = (*post)->record.post;
  LeavingPosts leaving;
  leaving.Add(**post, KeyOf(gone.source, gone.id, state_->salt));
  auto appended = state_->CommitBatches({}, leaving, clock);
  if (!appended) return std::unexpected(appended.error());
  return std::move(appended->block);
}

}  // namespace tagswell
