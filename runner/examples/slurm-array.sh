#!/bin/sh
# A run of many trials as a Slurm array: `sbatch runner/examples/slurm-array.sh`.
# Every task runs its part of the same seeds; all write into $OUT/$NAME on the shared disk, and none speaks to another.
# A task that is requeued keeps its complete trials. When all are done: analyze $OUT/$NAME
#SBATCH --job-name=driftlab
#SBATCH --array=0-49
#SBATCH --cpus-per-task=4
#SBATCH --time=01:00:00
#SBATCH --requeue
exec runner trial --virtual \
    --count "${COUNT:-100000}" --seed "${SEED:-7}" \
    --out "${OUT:-logs}" --name "${NAME:-array}" \
    --jobs "${SLURM_CPUS_PER_TASK:-1}" \
    --shard "$SLURM_ARRAY_TASK_ID/${SLURM_ARRAY_TASK_COUNT:?run this with sbatch}"
