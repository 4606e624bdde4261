// One cause of posts within a scenario: when they come (a curve) and what they say (a composer).
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "server/synth/curve.h"
#include "server/synth/random.h"
#include "server/synth/synth.h"

namespace tagswell {

// Fills everything but id and created_at, which is set already. `ordinal` counts the strand's posts from 0.
using Composer = std::function<void(SynthPost& post, std::uint64_t ordinal, Random& random)>;

struct Strand {
  Curve curve;
  Composer compose;
  Random random;
};

// #MeToo's first days; see metoo.cc for the figures.
std::vector<Strand> MetooStrands(const SynthOptions& options);

}  // namespace tagswell
