// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * ntfs_leak.h - tells LeakSanitizer of what libntfs-3g forgets to free: the
 * runs of an $MFT that does not begin where the boot sector says, some KiB
 * (2022.10.3, ntfs_mft_load()).  For the program that includes it.
 */
#ifndef TESTS_FUZZ_NTFS_LEAK_H
#define TESTS_FUZZ_NTFS_LEAK_H

const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libntfs-3g\n";
}

#endif
