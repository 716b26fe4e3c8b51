// SPDX-License-Identifier: GPL-3.0-or-later
/* clang-format off */
/* text_dialogue.h - texts of what is asked before something works; see text.h. */

/* All of them. */
T(T_DLG_LINE, 50, "The command line for this:")
T(T_DLG_GO, 20, "Go")
T(T_DLG_BACK, 20, "Back")
T(T_DLG_OTHER_IMAGE, 24, "Choose an image")
T(T_DLG_OTHER_DISK, 24, "Choose a disk")
T(T_DLG_DEVICE, 24, "Disk or partition")
T(T_DLG_IMAGE, 24, "Image")
T(T_DLG_SOURCE, 24, "Copy from")
T(T_DLG_TARGET, 24, "Write to")
T(T_DLG_NOT_CHOSEN, 40, "not chosen yet")
T(T_DLG_CHOOSE_FIRST, 0, "One thing is missing yet: choose it first.")
T(T_DLG_SAME, 0, "This is a copy of something to itself. Choose another target.")
T(T_DLG_GONE, 0, "%s is not there any more. Plug it in again, or go back.")
T(T_DLG_OTHER_NOW, 0,
  "%s is another disk now than when you chose it. Go back and choose again.")
T(T_DLG_PARTS, 24, "Only partitions (1,3)")
T(T_DLG_VERIFY, 24, "Read back, compare")
T(T_DLG_VERIFY_NO, 40, "nothing")
T(T_DLG_VERIFY_SAMPLE, 40, "a part, drawn by lot")
T(T_DLG_VERIFY_FULL, 40, "all of it")
T(T_DLG_SPACE, 24, "Free space")
T(T_DLG_SPACE_KEEP, 40, "leave it as it is")
T(T_DLG_SPACE_DISCARD, 40, "discard it (trim, for SSDs)")
T(T_DLG_SPACE_ERASE, 40, "fill it with zeros")
T(T_DLG_GROW, 70, "Let the last partition grow to the end of the disk")
T(T_DLG_UUIDS, 70, "Give new UUIDs (when both disks stay in one computer)")
T(T_DLG_RESCUE, 70, "Go on where sectors cannot be read")

/* Save. */
T(T_SAVE, 50, "Save to an image")
T(T_SAVE_HELP, 0,
  "An image holds what is in use on the disk or partition, compressed. The disk itself is "
  "only read.\n"
  "\n"
  "Folder or server: where the image goes, as /mnt/images or http://10.0.0.1. Do not choose a "
  "folder on the disk that is being saved. The name gets .slate at its end. What you write as "
  "description is shown later with the image.\n"
  "\n"
  "Compression: what each way makes of it is found out by trying it on some pieces. The usual "
  "one is right almost always. Cut into files: sticks with FAT32 take no file of more than "
  "4 GiB.\n"
  "\n"
  "Below stands the command line that is going to run; it does the same in a shell.")
T(T_SAVE_WHERE, 24, "Folder or server")
T(T_SAVE_NAME, 24, "Name of the image")
T(T_SAVE_DESCRIPTION, 24, "Description")
T(T_SAVE_COMPRESS, 24, "Compression")
T(T_SAVE_PACK_NONE, 16, "none")
T(T_SAVE_PACK_FAST, 16, "fast")
T(T_SAVE_PACK_USUAL, 16, "usual")
T(T_SAVE_PACK_SMALL, 16, "smaller, slower")
T(T_SAVE_PACK_LEAST, 16, "smallest, slow")
T(T_SAVE_EXPECTS, 30, "%s (%s): about %s")
T(T_SAVE_EXPECTING, 40, "%s (%s): being found out ...")
T(T_SAVE_UNKNOWN, 30, "%s (%s)")
T(T_SAVE_VOLUME, 24, "Cut into files of")
T(T_SAVE_VOLUME_ONE, 40, "one file")
T(T_SAVE_OVERWRITE, 70, "Replace an image that has this name already")
T(T_SAVE_VERIFY, 70, "Read the image when it is done, and check it")
T(T_SAVE_NO_NAME, 0, "Type a name for the image.")
T(T_SAVE_NO_VOLUMES, 0, "A server gets one file. Choose a folder, or one file.")
T(T_SAVE_IN_MEMORY, 0,
  "This folder is in the computer's memory: the image is gone when it is switched off. Choose "
  "a server, or mount a stick in a shell: Esc, then m.")
T(T_SAVE_REFUSED, 0, "It could not be read to find out: %s")

/* Restore. */
T(T_RESTORE, 50, "Restore an image")
T(T_RESTORE_HELP, 0,
  "All that the target holds is replaced by what the image has. Before that the plan is "
  "shown, and you are asked for the name of the disk: Go does not write yet.\n"
  "\n"
  "Only partitions: numbers as 1,3 restore only these of a disk's image; leave it empty "
  "for all. A target that has much of the image already is read first, and only what differs "
  "is written. Reading back finds disks that do not keep what was written.\n"
  "\n"
  "Below stands the command line that is going to run; it does the same in a shell.")
T(T_RESTORE_DELTA, 24, "What is written")
T(T_RESTORE_DELTA_AUTO, 40, "what is quicker")
T(T_RESTORE_DELTA_YES, 40, "only what differs")
T(T_RESTORE_DELTA_NO, 40, "everything")

/* Clone. */
T(T_CLONE, 50, "Copy to another disk")
T(T_CLONE_HELP, 0,
  "All that is in use on the one disk or partition is copied to the other one, whose own "
  "contents are lost. Before that the plan is shown, and you are asked for the name of the "
  "disk: Go does not write yet.\n"
  "\n"
  "Below stands the command line that is going to run; it does the same in a shell.")

/* What differs, and whether an image is whole. */
T(T_DIFF, 50, "Compare with an image")
T(T_DIFF_HELP, 0,
  "Tells for each partition how much of the disk differs from the image. Both are only read. "
  "Only partitions: numbers as 1,3; leave it empty for all.")
T(T_VERIFY, 50, "Check an image")
T(T_VERIFY_HELP, 0,
  "Reads all of the image and compares every piece with its checksum. Nothing is written.")

/* The plan. */
T(T_PLAN, 50, "The plan")
T(T_PLAN_HELP, 0,
  "This is what would happen. Nothing has been changed. The command line was run with "
  "--dry-run: it has looked whether anything stands against it, and reads all of the image to "
  "see whether it is whole. You need not wait for that.\n"
  "\n"
  "Where something stands against it there is only the way back. Else you are asked for the "
  "name of the disk before anything is written.")
T(T_PLAN_RUNS, 0, "Looking whether anything stands against it ...")
T(T_PLAN_READS, 0,
  "Nothing stands against it so far. All of the image is read to see whether it is whole: "
  "%s%%. You need not wait.")
T(T_PLAN_CLEAR, 0, "Nothing stands against it. Nothing has been changed yet.")
T(T_PLAN_BLOCKED, 0, "This cannot be done. Nothing has been changed. Why, and what to do:")
T(T_PLAN_ADVICE, 0, "Do what is said above, or go back and choose something else.")
T(T_PLAN_STOPS, 40, "Please wait ...")
T(T_PLAN_LOST, 40, "Will be lost")
T(T_PLAN_COMES, 40, "Will be there")
T(T_PLAN_PART, 30, "partition %s")
