// SPDX-License-Identifier: GPL-3.0-or-later
/* clang-format off */
/* text_work.h - texts of what works, from its begin to its end; see text.h. */

/* What is done. */
T(T_WORK_SAVE, 20, "Save")
T(T_WORK_RESTORE, 20, "Restore")
T(T_WORK_CLONE, 20, "Copy")
T(T_WORK_VERIFY, 20, "Check")
T(T_WORK_DIFF, 20, "Compare")
T(T_WORK_OTHER, 20, "Slate")

/* Its steps. */
T(T_STEP_BEGIN, 60, "Getting ready")
T(T_STEP_SAVE, 60, "Saving")
T(T_STEP_RESTORE, 60, "Restoring")
T(T_STEP_CLONE, 60, "Copying")
T(T_STEP_VERIFY, 60, "Checking the image")
T(T_STEP_COMPARE, 60, "Reading back and comparing")
T(T_STEP_LOOK, 60, "Looking whether much of it is on the target already")
T(T_STEP_SCAN, 60, "Looking what is on the target already")
T(T_STEP_SEED, 60, "Looking what this computer has elsewhere already")
T(T_STEP_SIMULATE, 60, "Trying without writing")
T(T_STEP_SHRINK, 60, "Making a smaller copy of the filesystem")
T(T_STEP_ERASE, 60, "Clearing the free space")
T(T_STEP_SYNC, 60, "Waiting until all of it is on the disk")
T(T_STEP_STOPS, 60, "Stopping in order; please wait")

/* How far it is. */
T(T_PROGRESS, 50, "At work")
T(T_PROGRESS_HELP, 0,
  "This shows how far it is. Chunks are small pieces: same ones needed "
  "nothing, as they were there already; the others were fetched from where they come from and "
  "written to where they go. Time left is that of this step. The picture shows the "
  "disk by its partitions, with their numbers above it.\n"
  "\n"
  "Esc asks whether to stop. Leave the computer switched on until the end.")
T(T_PROG_DONE, 11, "Done")
T(T_PROG_OF, 10, "%s of %s")
T(T_PROG_RATE, 11, "Rate")
T(T_PROG_ELAPSED, 11, "Elapsed")
T(T_PROG_ETA, 11, "Time left")
T(T_PROG_IMAGE, 11, "Image")
T(T_PROG_DAMAGED, 11, "Damaged")
T(T_PROG_CHUNKS, 11, "Chunks")
T(T_PROG_COUNTS, 30, "%s same, %s fetched, %s written")
T(T_PROG_PICTURE, 50, "The disk")
T(T_PROG_NOTICES, 50, "Messages")
T(T_CELL_DONE, 15, "done")
T(T_CELL_BEGUN, 15, "at work")
T(T_CELL_WAITS, 15, "to do")
T(T_CELL_DAMAGED, 15, "damage")
T(T_KEY_STOP, 14, "Stop")

/* Stopping. */
T(T_STOP, 50, "Stop?")
T(T_STOP_SAVE, 0,
  "Stop now? The image is not finished then, and is not kept. The disk is left as it is.")
T(T_STOP_WRITE, 0,
  "Stop now? Once writing has begun, what the target held is lost, and it is unfinished: it "
  "is left without a valid filesystem, so that nobody uses it by mistake, until the same is "
  "done again.")
T(T_STOP_READ, 0, "Stop now? Nothing is being changed.")

/* Before it destroys. */
T(T_CONFIRM, 50, "This is going to happen")
T(T_CONFIRM_HELP, 0,
  "This is the plan. Nothing has been changed yet. Look whether it is the right disk: "
  "all that it holds will be lost. To go on, type its name or its serial number, "
  "as they are shown, and press Enter. Esc goes back, and nothing is changed.")
T(T_CONFIRM_LOST, 76, "All that this disk or partition holds will be lost!")
T(T_CONFIRM_LOST_PARTS, 60, "All that these partitions of it hold will be lost: %s")
T(T_CONFIRM_HOLDS, 20, "Holds now")
T(T_CONFIRM_FROM, 20, "Overwritten with")
T(T_CONFIRM_TYPE, 76, "To go on, type its name or its serial number:")
T(T_CONFIRM_WRONG, 0,
  "That is neither its name nor its serial number. Nothing has been changed.")
T(T_CONFIRM_YES, 30, "Overwrite it")
T(T_CONFIRM_NO, 30, "Go back")
T(T_NOTHING_DONE, 50, "Nothing was done")
T(T_DECLINED, 0, "You did not confirm it. Nothing was changed.")

/* The end. */
T(T_END, 50, "How it ended")
T(T_END_HELP, 0,
  "This tells how it ended, and with which figures. Arrows scroll, i shows all of the "
  "report, as --report writes it. Enter or Esc goes back.")
T(T_KEY_REPORT, 14, "All of it")
T(T_KEY_SUMMARY, 14, "Summary")
T(T_END_DONE, 50, "done")
T(T_END_REFUSED, 50, "not done; nothing was changed")
T(T_END_BAD_IMAGE, 50, "the image is damaged")
T(T_END_DIFFERS, 50, "they are not equal")
T(T_END_FAILED, 50, "it failed")
T(T_END_NEARLY, 50, "done, but not all of it worked")
T(T_END_UNLIKE, 50, "it does not read back as it was written")
T(T_END_STOPPED, 50, "stopped, as you wanted")
T(T_ADVICE_REFUSED, 0,
  "Nothing was changed. Do what is said above, then try again.")
T(T_ADVICE_BAD_IMAGE, 0,
  "Take another copy of this image, or save a new one.")
T(T_ADVICE_FAILED, 0,
  "Do what is said above, then try again. If a disk cannot be read or written, look at "
  "its cables; it may be dying.")
T(T_ADVICE_UNLIKE, 0,
  "Do not rely on this target: it may be dying. Try again, or take another disk.")
T(T_ADVICE_LATE, 0, "All of it had been written already.")
T(T_STOPPED_SAVE, 0, "The image was not finished and was not kept. The disk is as it was.")
T(T_STOPPED_UNTOUCHED, 0, "Nothing was changed yet.")
T(T_STOPPED_READ, 0, "Nothing was changed.")
T(T_END_HALF, 0,
  "%s is UNFINISHED. It was left without a valid filesystem, so that nobody uses it by "
  "mistake. It cannot be used until the same is done again, to the end; what is right "
  "already is not written twice.")
T(T_FIG_USED, 20, "Used space")
T(T_FIG_IMAGE, 20, "Image")
T(T_FIG_CHUNKS, 20, "Chunks")
T(T_FIG_WANTED, 20, "Chunks to write")
T(T_FIG_READ, 20, "Read to compare")
T(T_FIG_FETCHED, 20, "Fetched")
T(T_FIG_LOCAL, 20, "There already")
T(T_FIG_WRITTEN, 20, "Written")
T(T_FIG_TRIMMED, 20, "Free space cleared")
T(T_FIG_READ_BACK, 20, "Chunks read back")
T(T_FIG_UNREADABLE, 20, "Unreadable")
T(T_FIG_LOST, 20, "Lost")
T(T_FIG_DIFFERENT, 20, "Different")

/* What differs. */
T(T_DIFF_WHERE, 30, "Where")
T(T_DIFF_CHUNKS, 11, "Chunks")
T(T_DIFF_OF, 11, "of")
T(T_DIFF_SIZE, 11, "Size")
T(T_DIFF_PART, 20, "partition %s")
T(T_DIFF_PART_FS, 20, "partition %s (%s)")
T(T_DIFF_OUTSIDE, 29, "outside partitions")
