#include "trend/admission_sketch.h"

namespace tagswell {

bool AdmissionSketch::Admit(std::uint64_t topic, std::uint64_t author) {
  if (slots_.empty()) slots_.resize(std::size_t{1} << kSlotBits);
  std::uint32_t& slot = slots_[topic >> (64 - kSlotBits)];
  // The upper bits chose the slot, and tables keep an author's upper bits only.
  const auto known = static_cast<std::uint32_t>(topic & 0xFFFF) << 16;
  const std::uint32_t wanted = known | static_cast<std::uint32_t>(author >> 48);
  const bool by_another = slot != 0 && (slot >> 16) == (known >> 16) && slot != wanted;
  slot = wanted;
  return by_another;
}

void AdmissionSketch::Load(StateReader& in) {
  in.GetAll(slots_);
  slots_.resize(slots_.empty() ? 0 : std::size_t{1} << kSlotBits);
}

}  // namespace tagswell
