// Authors whose posts are to be taken back, all that stood in the log when it was said: durable, so that neither a
// crash nor a long log forgets one. The writer thread adds; Advance belongs to the thread that looks for the posts; the
// rest may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "proto/author_ref.h"
#include "proto/error.h"
#include "storage/audit_log.h"
#include "storage/log_block.h"

namespace tagswell {

class Database;

class AuthorRemovals {
 public:
  // Some MB of memory; far more than a network loses in the time that one way through a log takes.
  static constexpr std::size_t kAuthorsMax = 100'000;

  AuthorRemovals(Database& database, AuditLog& audit) : database_(database), audit_(audit) {}

  // Before all else. Errors: storage_failed.
  std::expected<void, Error> Open();

  // Is called after each Add. Before the first.
  void SetListener(std::function<void()> added) { added_ = std::move(added); }

  struct Pending {
    AuthorRef author;
    BlockSeq from{0};  // blocks before it hold no post of theirs any more
    BlockSeq upto{0};  // posts behind it stay
  };

  // The posts of these authors up to block `upto` are to go; synced. An author who is there already starts anew.
  std::expected<void, Error> Add(std::span<const AuthorRef> authors, BlockSeq upto,
                                 std::span<const AuditEntry> audit = {});

  // What is left to do, by source and author.
  std::vector<Pending> All() const;
  std::size_t size() const;
  // No more should be added: whoever is there is to be looked for first.
  bool full() const { return size() >= kAuthorsMax; }

  // Of `looked_for`, as All gave it: the blocks before `next` have been looked through. Those that are done go. One
  // that was added again meanwhile stays as it is.
  std::expected<void, Error> Advance(std::span<const Pending> looked_for, BlockSeq next);

 private:
  Database& database_;
  AuditLog& audit_;
  std::function<void()> added_;
  mutable std::mutex mutex_;
  std::vector<Pending> pending_;  // by author
};

}  // namespace tagswell
