// Writes into the log what operators say: which topics may not trend, which trends are shown, and which tags and
// phrases are one topic. Decides what a call changes, in the order of the log. The writer's thread owns it; blocks(),
// reviews() and aliases() are for all.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/clock.h"
#include "server/pipeline/topic_aliases.h"
#include "server/pipeline/topic_blocks.h"
#include "server/pipeline/topic_reviews.h"
#include "storage/post_log.h"

namespace tagswell {

class ControlWriter {
 public:
  // What the pipeline does for it.
  struct Ways {
    std::function<Timestamp()> engine_time;                              // for the next block
    std::function<void(std::shared_ptr<const LogBlock> block)> hand_on;  // to the folds
    std::function<void(const Error& error)> fail;                        // the log cannot be written
  };

  // The log and the clock outlive the writer. `configured` are groups that no call may change.
  ControlWriter(PostLog& log, const Clock& clock, std::vector<Alias> configured, Ways ways);

  // What the configuration says besides groups.
  struct Configured {
    std::vector<std::string> blocked;
    bool review = false;  // trends wait for a yes
  };

  // What the log says, and then what makes it say what the configuration says: that, and no group that the configured
  // ones contradict. Before any call.
  std::expected<void, Error> Start(const BlockList& blocks, const ReviewList& reviews, const AliasGroups& groups,
                                   Configured configured);

  // Errors: those of TopicBlocks::Plan, TopicReviews::Plan, TopicAliases::Plan and of the log.
  std::expected<BlockAnswer, Error> Block(const BlockCall& call);
  std::expected<ReviewAnswer, Error> Review(const ReviewCall& call);
  std::expected<AliasAnswer, Error> Group(const AliasCall& call);

  const TopicBlocks& blocks() const { return blocks_; }
  const TopicReviews& reviews() const { return reviews_; }
  const TopicAliases& aliases() const { return aliases_; }

 private:
  std::expected<void, Error> Commit(std::span<const BlockChange> changes, const std::string& remote);
  std::expected<void, Error> Commit(const ReviewChange& change, const std::string& remote);
  // Hands on a block that was written, and gives its place.
  std::expected<BlockSeq, Error> HandOn(std::expected<std::shared_ptr<const LogBlock>, Error> block);

  PostLog& log_;
  const Clock& clock_;
  const Ways ways_;
  TopicBlocks blocks_;
  TopicReviews reviews_;
  TopicAliases aliases_;
};

}  // namespace tagswell
