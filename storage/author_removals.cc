#include "storage/author_removals.h"

#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "storage/byte_order.h"
#include "storage/database.h"
#include "storage/meta_keys.h"

namespace tagswell {
namespace {

constexpr std::size_t kValueBytes = 2 * sizeof(std::uint64_t);

// No source holds a NUL: it is no text of a post then.
std::string KeyOf(const AuthorRef& author) {
  std::string key(1, kRemovalPrefix);
  return key.append(author.source).append(1, '\0').append(author.author);
}

std::string ValueOf(const AuthorRemovals::Pending& pending) {
  std::string value;
  AppendBig(static_cast<std::uint64_t>(pending.from), value);
  AppendBig(static_cast<std::uint64_t>(pending.upto), value);
  return value;
}

}  // namespace

std::expected<void, Error> AuthorRemovals::Open() {
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.family(Family::kMeta)));
  const std::string prefix(1, kRemovalPrefix);
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const std::string_view key(it->key().data() + 1, it->key().size() - 1);
    const std::string_view value(it->value().data(), it->value().size());
    const std::size_t end = key.find('\0');
    if (end == std::string_view::npos || value.size() != kValueBytes)
      return std::unexpected(Error{.code = "storage_failed", .detail = "the list of leaving authors is damaged"});
    pending_.push_back(
        {.author = {.source = std::string(key.substr(0, end)), .author = std::string(key.substr(end + 1))},
         .from = BlockSeq{LoadBig<std::uint64_t>(value)},
         .upto = BlockSeq{LoadBig<std::uint64_t>(value.substr(sizeof(std::uint64_t)))}});
  }
  if (!it->status().ok()) return std::unexpected(StorageError(it->status()));
  std::ranges::sort(pending_, {}, &Pending::author);
  return {};
}

std::expected<void, Error> AuthorRemovals::Add(std::span<const AuthorRef> authors, BlockSeq upto,
                                               std::span<const AuditEntry> audit) {
  rocksdb::WriteBatch batch;
  std::vector<Pending> added;
  for (const AuthorRef& author : authors) {
    added.push_back({.author = author, .from = BlockSeq{1}, .upto = upto});
    batch.Put(database_.family(Family::kMeta), KeyOf(author), ValueOf(added.back()));
  }
  for (const AuditEntry& entry : audit) audit_.Add(entry, batch);
  if (auto written = database_.Write(batch, /*sync=*/true); !written) return written;
  {
    const std::lock_guard lock(mutex_);
    for (Pending& of : added) {
      const auto at = std::ranges::lower_bound(pending_, of.author, {}, &Pending::author);
      if (at != pending_.end() && at->author == of.author) {
        *at = std::move(of);
      } else {
        pending_.insert(at, std::move(of));
      }
    }
  }
  if (added_) added_();
  return {};
}

std::vector<AuthorRemovals::Pending> AuthorRemovals::All() const {
  const std::lock_guard lock(mutex_);
  return pending_;
}

std::size_t AuthorRemovals::size() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

std::expected<void, Error> AuthorRemovals::Advance(std::span<const Pending> looked_for, BlockSeq next) {
  const std::lock_guard lock(mutex_);
  rocksdb::WriteBatch batch;
  std::vector<Pending> left;
  for (const Pending& of : pending_) {
    const auto known = std::ranges::lower_bound(looked_for, of.author, {}, &Pending::author);
    const bool same = known != looked_for.end() && known->author == of.author && known->upto == of.upto;
    if (!same) {
      left.push_back(of);
    } else if (next > of.upto) {
      batch.Delete(database_.family(Family::kMeta), KeyOf(of.author));
    } else {
      left.push_back({.author = of.author, .from = std::max(of.from, next), .upto = of.upto});
      batch.Put(database_.family(Family::kMeta), KeyOf(of.author), ValueOf(left.back()));
    }
  }
  // What a crash takes of this is looked through again.
  if (auto written = database_.Write(batch, /*sync=*/false); !written) return written;
  pending_ = std::move(left);
  return {};
}

}  // namespace tagswell
