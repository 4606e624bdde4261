// What people post on any day, so that a detector has something to leave alone: everyday tags in several countries,
// languages and networks with a daily rhythm, greetings that come back every morning, and a burst of spam by a few
// accounts.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "proto/time.h"
#include "server/synth/strand.h"

namespace tagswell {

// Takes a strand's cumulative counts at full scale, which the taker divides, and its composer.
using AddStrand = std::function<void(std::vector<CurvePoint> points, Composer compose)>;

// `begin` is a midnight in UTC.
void AddBackground(Timestamp begin, Timestamp end, const AddStrand& add);

// Author name, age and followers of the nth member of a population: the same for all posts of that author.
void SetAuthor(SynthPost& post, std::string_view population, std::uint64_t n);

}  // namespace tagswell
