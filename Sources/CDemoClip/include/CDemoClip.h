#ifndef SLUICE_CDEMOCLIP_H
#define SLUICE_CDEMOCLIP_H

#include <stddef.h>

/// The clip of `sluice serve --demo`, an FLV file made by scripts/make-demo-clip.sh.
const unsigned char *_Nonnull sluice_demo_clip(void);

/// The clip's size in bytes.
size_t sluice_demo_clip_size(void);

#endif
