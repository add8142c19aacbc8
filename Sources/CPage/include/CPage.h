#ifndef SLUICE_CPAGE_H
#define SLUICE_CPAGE_H

#include <stddef.h>

/// A file of the page, as it lies in the folder "page".
typedef struct {
    /// Such as "list.js".
    const char *_Nonnull name;
    /// Its bytes, which live as long as the program.
    const unsigned char *_Nonnull bytes;
    /// How many they are.
    size_t size;
} sluice_page_file;

/// How many files the page has.
size_t sluice_page_file_count(void);

/// A file by its index, which must be less than the count.
sluice_page_file sluice_page_file_at(size_t index);

#endif
